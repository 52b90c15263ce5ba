import { createRecorder, type OutgoingEvent, type Sink } from '@steptrail/recorder'
import { type Database } from '@steptrail/core'
import { uuidV7 } from '@steptrail/event'
import { describeOnBoth } from '@steptrail/testkit'
import { expect, it, vi } from 'vitest'
import { newExecution } from '../../test/executions.ts'
import { operation } from '../../test/recording.ts'
import { createDatabaseSink } from './database-sink.ts'
import { createTrail } from './trail.ts'

const quiet = { warn: () => undefined, error: () => undefined }
const noSignal = new AbortController().signal

/** What a recorder would hand to a sink. */
async function outgoing(...events: readonly object[]): Promise<readonly OutgoingEvent[]> {
  const taken: OutgoingEvent[] = []
  const sink: Sink = {
    write: async (batch) => {
      taken.push(...batch)
      return batch.map(() => ({ outcome: 'created' }))
    },
  }
  const recorder = createRecorder({ sink })
  for (const event of events) recorder.record(operation(event))
  await recorder.close()
  expect(taken).toHaveLength(events.length)
  return taken
}

const countOf = async (database: Database): Promise<number> =>
  (await createTrail(database).listEvents({ limit: 200 })).items.length

describeOnBoth('the database sink', (open, kind) => {
  it('tells created from duplicate, and a duplicate from a conflict', async () => {
    const database = await open()
    const sink = createDatabaseSink(database)
    const id = uuidV7(Date.now())
    const [first, other] = await outgoing({ id, details: { a: 1, b: [1.5] } }, { id, details: { a: 2 } })
    const [fresh] = await outgoing({ message: 'new' })
    const batch = [first!, other!, fresh!, first!]
    expect((await sink.write(batch, noSignal)).map(({ outcome }) => outcome)).toEqual([
      'created',
      'conflict',
      'created',
      'duplicate',
    ])
    expect((await sink.write([other!, first!], noSignal)).map(({ outcome }) => outcome)).toEqual([
      'conflict',
      'duplicate',
    ])
    expect(await countOf(database)).toBe(2)
  })

  it('tells what is new from what is not, whatever came before', async () => {
    const database = await open()
    const sink = createDatabaseSink(database)
    const [a, b, c, d] = await outgoing({}, {}, {}, {})
    const outcomesOf = async (...batch: readonly (OutgoingEvent | undefined)[]) =>
      (await sink.write(batch as readonly OutgoingEvent[], noSignal)).map(({ outcome }) => outcome)
    expect(await outcomesOf(a)).toEqual(['created'])
    expect(await outcomesOf(b, a)).toEqual(['created', 'duplicate'])
    expect(await outcomesOf(a, b)).toEqual(['duplicate', 'duplicate'])
    expect(await outcomesOf(c)).toEqual(['created'])
    expect(await outcomesOf(c, d)).toEqual(['duplicate', 'created'])
    expect(await countOf(database)).toBe(4)
  })

  it('gives each event a salt of its own, and the time at which the database took it', async () => {
    const database = await open()
    const batch = await outgoing({}, {}, {})
    const [before] = (await database.query<{ now: string }>('select clock_timestamp() as now')).rows
    await createDatabaseSink(database, { batches: 'in line' }).write(batch, noSignal)
    const { rows } = await database.query(
      `select count(distinct salt)::int as salts, bool_and(substr(salt::text, 15, 1) = '4') as are_random,
              bool_and(recorded_at between $1::timestamptz and clock_timestamp()) as are_recent
       from audit_event`,
      [before?.now],
    )
    expect(rows).toEqual([{ salts: 3, are_random: true, are_recent: true }])
  })

  it('writes what comes out of a spool as what comes from a recorder', async () => {
    const database = await open()
    const [event] = await outgoing({
      message: 'größer: “3\\" \n🚀',
      details: { text: '{"a":"\\n"}', list: [null, 1.5, 'x'] },
      actorType: 'user',
      actorId: 'ana',
      resourceId: 'https://x.test/a?b="c"',
      durationMs: 12,
    })
    const { id, timestampMs, json } = event!
    const sink = createDatabaseSink(database)
    expect(await sink.write([event!], noSignal)).toEqual([{ outcome: 'created' }])
    expect(await sink.write([{ id, timestampMs, json }], noSignal)).toEqual([{ outcome: 'duplicate' }])
    const { rows } = await database.query('select message, details from audit_event')
    expect(rows).toEqual([{ message: JSON.parse(json).message, details: JSON.parse(json).details }])
  })

  it('a recorder’s own number and the trace of an attempt do not make another event', async () => {
    const sink = createDatabaseSink(await open())
    const id = uuidV7(Date.now())
    const [first] = await outgoing({ id, traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) })
    const [, again] = await outgoing({}, { id })
    expect(await sink.write([first!], noSignal)).toEqual([{ outcome: 'created' }])
    expect(await sink.write([again!], noSignal)).toEqual([{ outcome: 'duplicate' }])
  })

  it('makes the months that events need, and refuses those of which there are none', async () => {
    const database = await open()
    const sink = createDatabaseSink(database)
    const [old, ancient] = await outgoing(
      { timestamp: '2019-03-01T00:00:00.000Z' },
      { timestamp: '1999-12-31T23:59:59.999Z' },
    )
    expect(await sink.write([old!], noSignal)).toEqual([{ outcome: 'created' }])
    await expect(sink.write([ancient!], noSignal)).rejects.toMatchObject({ code: 'batch_refused' })
  })

  it('makes a month anew that was dropped since', async () => {
    const database = await open()
    const sink = createDatabaseSink(database)
    const timestamp = '2021-05-05T00:00:00.000Z'
    const [before, after] = await outgoing({ timestamp }, { timestamp })
    expect(await sink.write([before!], noSignal)).toEqual([{ outcome: 'created' }])
    await database.query('alter table audit_event detach partition audit_event_2021_05')
    await database.query('drop table audit_event_2021_05')
    expect(await sink.write([after!], noSignal)).toEqual([{ outcome: 'created' }])
  })

  it('loses what belongs to a month that was detached, and no other', async () => {
    const database = await open()
    const sink = createDatabaseSink(database)
    const timestamp = '2021-06-05T00:00:00.000Z'
    const [first] = await outgoing({ timestamp })
    await sink.write([first!], noSignal)
    await database.query('alter table audit_event detach partition audit_event_2021_06')
    for (const next of [sink, createDatabaseSink(database)]) {
      const recorder = createRecorder({ sink: next, logger: quiet })
      for (const event of [{}, { timestamp }, {}]) recorder.record(operation(event))
      expect(await recorder.flush()).toEqual({ written: 2, spooled: 0, dropped: 1, pending: 0 })
      expect(recorder.counts().dropped.rejected).toBe(1)
    }
  })

  it.runIf(kind === 'postgres')('holds few connections in writes that nobody waits for', async () => {
    const database = await open()
    const sink = createDatabaseSink(database)
    const [event] = await outgoing({})
    expect(await sink.write([event!], noSignal)).toEqual([{ outcome: 'created' }])
    const waiting = async (): Promise<number> => {
      const { rows } = await database.query<{ count: number }>(
        `select count(*) as count from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return rows[0]?.count ?? 0
    }
    await database.transaction(async (tx) => {
      await tx('lock table audit_event')
      for (let tries = 1; tries <= 5; tries++) {
        const giveUp = new AbortController()
        const written = sink.write([event!], giveUp.signal)
        written.catch(() => undefined)
        if (tries <= 2) await vi.waitUntil(async () => (await waiting()) === tries)
        giveUp.abort(new Error('no answer'))
        if (tries > 2) await expect(written).rejects.toThrow('no answer')
      }
      expect(await waiting()).toBe(2)
    })
    expect(await sink.write([event!], noSignal)).toEqual([{ outcome: 'duplicate' }])
  })

  it('loses the one bad event in a thousand, and no other', async () => {
    const database = await open()
    const recorder = createRecorder({ sink: createDatabaseSink(database), logger: quiet })
    for (let index = 0; index < 1000; index++)
      recorder.record(operation(index === 611 ? { timestamp: '1999-12-31T23:59:59.999Z' } : {}))
    expect(await recorder.flush()).toEqual({ written: 999, spooled: 0, dropped: 1, pending: 0 })
    const { rows } = await database.query<{ recorder_seq: number }>(
      `select n as recorder_seq from generate_series(1, 1000) as n
       where not exists (select from audit_event where recorder_seq = n)`,
    )
    expect(rows).toEqual([{ recorder_seq: 612 }])
  })

  it.each([
    ['before the commit', false],
    ['after the commit, its reply lost', true],
  ])('a write that fails %s leaves each event there once', async (_, isCommitted) => {
    const database = await open()
    const real = createDatabaseSink(database)
    let faults = 2
    const sink: Sink = {
      write: async (batch, signal) => {
        if (faults-- <= 0) return await real.write(batch, signal)
        if (isCommitted) await real.write(batch, signal)
        throw Object.assign(new Error('Connection terminated unexpectedly'), { code: '08006' })
      },
    }
    const recorder = createRecorder({ sink, retryMinMs: 1, logger: quiet })
    for (let index = 0; index < 20; index++) recorder.record(operation())
    expect(await recorder.flush()).toEqual({ written: 20, spooled: 0, dropped: 0, pending: 0 })
    expect(await countOf(database)).toBe(20)
  })

  it('gives no number to an event that names an execution', async () => {
    const database = await open()
    const executionId = await newExecution(database)
    await using trail = createTrail(database)
    trail.record(operation({ executionId }))
    await trail.flush()
    const [event] = await trail.getExecutionEvents(executionId)
    expect(event).toMatchObject({ executionSeq: null, recorderSeq: 1 })
  })

  it('writes outside the transaction in which an event was recorded', async () => {
    const database = await open()
    await using trail = createTrail(database)
    await database
      .transaction(async (tx) => {
        trail.record(operation())
        await tx('select 1')
        throw new Error('rolled back')
      })
      .catch(() => undefined)
    expect(await trail.flush()).toEqual({ written: 1, spooled: 0, dropped: 0, pending: 0 })
    expect(await countOf(database)).toBe(1)
  })

  it('times an operation, and records its failure', async () => {
    await using trail = createTrail(await open())
    const actor = { type: 'user', id: 'anna@example.com' } as const
    const scan = trail.operation({ action: 'scan_process', actor, extraInfo: { scan_id: 7 } }, () => {
      throw new Error('the scanner is on fire')
    })
    await expect(scan).rejects.toThrow('on fire')
    await trail.operation({ action: 'cache_refresh', serviceName: 'background-job' }, (op) =>
      op.add({ keys: 12 }),
    )
    await trail.flush()
    const { items } = await trail.listEvents({ order: 'asc' })
    expect(items).toMatchObject([
      { action: 'scan_process', status: 'FAILED', message: 'the scanner is on fire', actorId: actor.id },
      { action: 'cache_refresh', status: 'SUCCESS', details: { keys: 12 } },
    ])
    expect(items[0]?.durationMs).toBeGreaterThanOrEqual(0)
  })

  it.runIf(kind === 'postgres')('survives that its connections are killed under it', async () => {
    const database = await open()
    await using trail = createTrail(database, {
      recorder: { retryMinMs: 5, batchEvents: 50, logger: quiet },
    })
    for (let index = 0; index < 2000; index++) {
      trail.record(operation())
      if (index % 400 === 0)
        await database
          .query(
            `select pg_terminate_backend(pid) from pg_stat_activity
               where datname = current_database() and pid <> pg_backend_pid()`,
          )
          .catch(() => undefined)
    }
    const { written, spooled, dropped, pending } = await trail.flush()
    expect({ kept: written + spooled, dropped, pending }).toEqual({ kept: 2000, dropped: 0, pending: 0 })
    // What went to the spool while it met none but dead connections is replayed.
    await expect
      .poll(async () => {
        const { rows } = await database.query<{ events: number; numbers: number }>(
          'select count(*) as events, count(distinct recorder_seq) as numbers from audit_event',
        )
        return rows
      })
      .toEqual([{ events: 2000, numbers: 2000 }])
  })
})
