import type { Database } from '@steptrail/core'
import { describeOnBoth } from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { operations, record, sealing } from '../../test/logs.ts'
import { tamper } from '../../test/tampering.ts'
import { verifyLogs } from './verify-log.ts'

/** Rolls back whatever a test does to the database. */
class Undone extends Error {}

describeOnBoth('verify', (open, kind) => {
  let database: Database
  const sealer = sealing({ batchSize: 150 })
  let replayed = ''
  let size = 0
  let origin = ''

  beforeAll(async () => {
    database = await open()
    await record(database, operations(300))
    replayed = (await sealer.seal(database)).checkpoint
    await record(database, operations(261))
    ;({ size, origin } = await sealer.seal(database))
  })

  /** Verifies what the statements make of the database, which is afterwards as it was. */
  async function verdictOn(statements: Parameters<typeof tamper>[1], batchSize = 100): Promise<unknown> {
    let verdict: unknown
    const attempt = database.transaction(async (tx) => {
      const inside = { ...database, query: tx, transaction: (work) => work(tx) } as Database
      await tamper(inside, statements)
      const known = { keys: [sealer.key.verifierKey(origin)], memory: sealer.memory, batchSize }
      verdict = await verifyLogs(inside, known)
      throw new Undone()
    })
    await expect(attempt).rejects.toThrow(Undone)
    return verdict
  }

  const entry = async (index: number) => {
    const { rows } = await database.query<{ event_id: string }>(
      'select event_id from log_entries where log_index = $1',
      [index],
    )
    return rows[0]!.event_id
  }

  it('finds everything as it was signed', async () => {
    expect(await verdictOn([])).toMatchObject({
      outcome: 'verified',
      logs: [
        {
          size,
          verified: size,
          from: 0,
          dropped: 0,
          erased: 0,
          unsigned: 0,
          signedAt: expect.any(String) as string,
        },
      ],
    })
  })

  describe('names what a superuser did', () => {
    const columns: readonly (readonly [column: string, value: string])[] = [
      ['event_type', `'OTHER'`],
      ['entity_type', `'STEP'`],
      ['status', `'FAILED'`],
      ['severity', `'critical'`],
      ['service_name', `'someone'`],
      ['execution_id', `'x'`],
      ['workflow_name', `'x'`],
      ['workflow_version', `'2'`],
      ['step_name', `'x'`],
      ['step_id', 'gen_random_uuid()'],
      ['operation_type', `'UNDO'`],
      ['duration_ms', '7'],
      ['retry_count', '1'],
      ['parent_event_id', 'gen_random_uuid()'],
      ['schema_version', '9'],
      ['correlation_id', `'x'`],
      ['tenant', `'x'`],
      ['trace_id', `repeat('a', 32)`],
      ['span_id', `repeat('a', 16)`],
      ['actor_type', `'user'`],
      ['actor_id', `'mallory'`],
      ['resource_type', `'x'`],
      ['resource_id', `'x'`],
      ['action', `'x'`],
      ['reason', `'x'`],
      ['message', `'x'`],
      ['details', `'{"number": 0}'`],
      ['details', `'{"number": 401.0000000000000001}'`],
      ['salt', 'gen_random_uuid()'],
    ]

    it.each(kind === 'postgres' ? columns : columns.slice(-3))(
      'to an event: %s = %s',
      async (column, value) => {
        const eventId = await entry(400)
        expect(
          await verdictOn([[`update audit_event set ${column} = ${value} where id = $1`, [eventId]]]),
        ).toMatchObject({ outcome: 'defect', defect: { kind: 'event_altered', index: 400, eventId } })
      },
    )

    it('an event dated otherwise, whose id and entry were made to fit', async () => {
      const eventId = await entry(400)
      const dated = eventId.replace(/^.{8}/, '019a4f0c')
      const stamp = `(to_timestamp(('x' || left(replace('${dated}', '-', ''), 12))::bit(48)::bigint / 1000.0))::timestamptz(3)`
      const verdict = await verdictOn([
        `select ensure_partition('audit_event', ${stamp})`,
        [`update audit_event set id = '${dated}', "timestamp" = ${stamp} where id = $1`, [eventId]],
        `update log_entries set event_id = '${dated}', event_timestamp = ${stamp} where log_index = 400`,
      ])
      expect(verdict).toMatchObject({ defect: { kind: 'event_altered', index: 400, eventId: dated } })
    })

    it('an event deleted', async () => {
      const eventId = await entry(17)
      expect(await verdictOn([[`delete from audit_event where id = $1`, [eventId]]])).toMatchObject({
        defect: { kind: 'event_missing', index: 17, eventId },
      })
    })

    it('an event twice, or again under another date', async () => {
      const eventId = await entry(17)
      const again = (change: string) => [
        'create temporary table again on commit drop as select * from audit_event',
        'alter table again drop column waited_ms, drop column total_duration_ms',
        `insert into audit_event select * from again where id = '${eventId}'`,
        `update audit_event set ${change} where ctid = (select max(ctid) from audit_event where id = '${eventId}')`,
      ]
      const unkeyed = [
        'alter table audit_event drop constraint an_event_is_known_by_its_id',
        'alter table audit_event drop constraint id_begins_with_timestamp_in_milliseconds',
      ]
      expect(await verdictOn([...unkeyed, ...again(`message = 'x'`)])).toMatchObject({
        defect: { kind: 'event_duplicated', index: 17, eventId },
      })
      expect(
        await verdictOn([...unkeyed, ...again(`"timestamp" = "timestamp" - interval '1 millisecond'`)]),
      ).toMatchObject({ defect: { kind: 'event_not_in_log', eventId } })
    })

    it('an event without its salt', async () => {
      const eventId = await entry(17)
      const verdict = await verdictOn([
        'alter table audit_event alter salt drop not null',
        [`update audit_event set salt = null where id = $1`, [eventId]],
      ])
      expect(verdict).toMatchObject({ defect: { kind: 'event_altered', index: 17, eventId } })
    })

    it('an event deleted with its entry', async () => {
      const eventId = await entry(17)
      expect(
        await verdictOn([
          [`delete from audit_event where id = $1`, [eventId]],
          [`delete from log_entries where event_id = $1`, [eventId]],
        ]),
      ).toMatchObject({ defect: { kind: 'entry_missing', index: 17 } })
    })

    it('an event deleted, and the entries after it moved up', async () => {
      const eventId = await entry(17)
      const next = await entry(18)
      const verdict = await verdictOn([
        [`delete from audit_event where id = $1`, [eventId]],
        [`delete from log_entries where event_id = $1`, [eventId]],
        `create temporary table moved on commit drop as select * from log_entries where log_index > 17`,
        `delete from log_entries where log_index > 17`,
        `insert into log_entries select log_id, log_index - 1, event_id, event_timestamp, sealed_at from moved`,
      ])
      expect(verdict).toMatchObject({
        defect: { kind: 'entry_moved', index: 17, eventId: next, sealedAt: 18 },
      })
    })

    it('two events swapped', async () => {
      const [one, other] = [await entry(20), await entry(500)]
      const verdict = await verdictOn([
        `delete from log_entries where log_index in (20, 500)`,
        [
          `insert into log_entries (log_id, log_index, event_id, event_timestamp)
           select 1, case id when $1::uuid then 500 else 20 end, id, "timestamp" from audit_event
           where id in ($1::uuid, $2::uuid)`,
          [one, other],
        ],
      ])
      expect(verdict).toMatchObject({
        defect: { kind: 'entry_moved', index: 20, eventId: other, sealedAt: 500 },
      })
    })

    it('an event slipped in with an old transaction', async () => {
      const verdict = await verdictOn([
        `insert into audit_event (event_type, entity_type, tx) values ('OPERATION', 'OPERATION', 3)`,
      ])
      expect(verdict).toMatchObject({ defect: { kind: 'event_not_in_log' } })
    })

    it('a partition detached', async () => {
      const { rows } = await database.query<{ name: string }>(
        'select tableoid::regclass::text as name from audit_event limit 1',
      )
      expect(await verdictOn([`alter table audit_event detach partition ${rows[0]!.name}`])).toMatchObject({
        defect: { kind: 'event_missing', index: 0 },
      })
    })

    it('a hash of a tile', async () => {
      const flip = (level: number) =>
        `update log_tiles set hashes = set_byte(hashes, 32 * 5, get_byte(hashes, 32 * 5) # 1) where level = ${level} and tile_index = 1`
      expect(await verdictOn([flip(0)])).toMatchObject({
        defect: { kind: 'tile_altered', level: 0, tileIndex: 1 },
      })
      const flipPartial = (level: number) =>
        `update log_trees
         set partial_tiles = jsonb_set(
           partial_tiles, '{${level}}',
           to_jsonb(replace(encode(set_byte(tile, 3, get_byte(tile, 3) # 1), 'base64'), E'\\n', ''))
         )
         from (select decode(partial_tiles ->> ${level}, 'base64') as tile from log_trees) as stored`
      for (const level of [0, 1])
        expect(await verdictOn([flipPartial(level)])).toMatchObject({
          defect: { kind: 'tile_altered', level },
        })
    })

    it('a tile deleted, or swapped with another', async () => {
      expect(await verdictOn(['delete from log_tiles where tile_index = 1'])).toMatchObject({
        defect: { kind: 'tile_missing', level: 0, tileIndex: 1 },
      })
      expect(
        await verdictOn([
          'update log_tiles set tile_index = case tile_index when 1 then 2 else tile_index end',
          'update log_tiles set tile_index = 1 where tile_index = 0',
          'update log_tiles set tile_index = 0 where tile_index = 2',
        ]),
      ).toMatchObject({
        defect: { kind: 'tile_altered', level: 0, tileIndex: 0 },
      })
    })

    it('an event altered together with its leaf, and the tiles above', async () => {
      const verdict = await verdictOn([
        [`update audit_event set message = 'x' where id = $1`, [await entry(400)]],
        `update log_tiles set hashes = set_byte(hashes, 32 * (400 - 256), get_byte(hashes, 32 * (400 - 256)) # 1) where tile_index = 1`,
      ])
      expect(verdict).toMatchObject({ defect: { kind: 'root_mismatch', since: 301, size } })
    })

    it('the log cut off, with an old checkpoint put back', async () => {
      const verdict = await verdictOn([
        'delete from log_entries where log_index >= 301',
        `delete from audit_event where id not in (select event_id from log_entries)`,
        `delete from log_checkpoints where tree_size > 301`,
        [`update log_trees set tree_size = 301, checkpoint_size = 301, checkpoint = $1`, [replayed]],
      ])
      expect(verdict).toMatchObject({ defect: { kind: 'log_set_back', known: size, source: 'memory' } })
    })

    it('an old checkpoint put back', async () => {
      const old = [`update log_trees set checkpoint_size = 301, checkpoint = $1`, [replayed]] as const
      expect(await verdictOn([old])).toMatchObject({
        defect: { kind: 'log_set_back', size: 301, known: size },
      })
    })

    it('a checkpoint taken away, altered, or signed by a stranger', async () => {
      const stranger = sealing({ origin: 'stranger.example/log' })
      const { checkpoint } = await stranger.seal(await open())
      const set = (text: string) => [`update log_trees set checkpoint = $1`, [text]] as const
      expect(await verdictOn(['update log_trees set checkpoint = null'])).toMatchObject({
        defect: { kind: 'log_set_back', size: 0, known: size, source: 'memory' },
      })
      expect(await verdictOn([set(checkpoint)])).toMatchObject({ defect: { kind: 'checkpoint_unreadable' } })
      expect(await verdictOn([set(replayed.replace(/\n301\n/, '\n302\n'))])).toMatchObject({
        defect: { kind: 'signature_invalid', source: 'latest' },
      })
      const other = replayed.replaceAll(/^— \S+/gm, '— stranger')
      expect(await verdictOn([set(other)])).toMatchObject({
        defect: { kind: 'key_unknown', source: 'latest' },
      })
      expect(
        await verdictOn([
          `update log_checkpoints set checkpoint = replace(checkpoint, E'\\n301\\n', E'\\n300\\n')`,
        ]),
      ).toMatchObject({
        defect: { kind: 'signature_invalid', source: 'history' },
      })
    })

    it('the whole log deleted', async () => {
      const tables = ['log_trees', 'log_entries', 'log_tiles', 'log_checkpoints', 'log_keys']
      expect(await verdictOn(tables.map((table) => `delete from ${table}`))).toMatchObject({
        defect: { kind: 'log_missing' },
      })
    })
  })

  it('is ended by a signal and goes on where it was', async () => {
    const stop = new AbortController()
    const options = { memory: sealer.memory, batchSize: 100 }
    const first = await verifyLogs(database, {
      ...options,
      signal: stop.signal,
      onProgress: ({ done }) => done >= 200 && stop.abort(),
    })
    if (first.outcome !== 'interrupted') throw new Error(first.outcome)
    expect(first.position.size).toBe(200)
    expect(await verifyLogs(database, { ...options, resumeAt: first.position })).toMatchObject({
      outcome: 'verified',
      logs: [{ from: 200, verified: size - 200 }],
    })
  })
})
