import type { Database } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { greet } from '../../test/greeting.ts'
import { operations, record, sealing } from '../../test/logs.ts'
import { tamper } from '../../test/tampering.ts'
import { erase } from '../erase/erase.ts'
import { seal } from '../seal/sealer.ts'
import { verifyLogs } from './verify-log.ts'
import type { VerifyOptions } from './verify-options.ts'
import { verifyTrail } from './verify-trail.ts'

/** Rolls back whatever a test does to the database. */
class Undone extends Error {}

let database: Database
let erased = ''
let origin = ''
const day = 86_400_000
const start = Date.UTC(2025, 10, 4)
let now = start
const sealer = sealing({ clock: { now: () => now } })

beforeAll(async () => {
  database = await openTestDatabase('postgres')
  ;[erased = ''] = await greet(database, ['friend', 'shy'])
  await record(database, operations(300))
  ;({ origin } = await sealer.seal(database))
  now += day
  await record(database, operations(300))
  await sealer.seal(database)
  const actor = { type: 'user', id: 'olga' } as const
  now += day
  await erase(database, { ...sealer, match: { executionId: erased }, actor, reason: 'request 17' })
})

/** What is found of what the statements make of the database, which is afterwards as it was. */
async function inside<T>(
  statements: readonly string[],
  look: (database: Database) => Promise<T>,
): Promise<T> {
  const found: T[] = []
  const attempt = database.transaction(async (tx) => {
    const within = { ...database, query: tx, transaction: (work) => work(tx) } as Database
    await tamper(within, statements)
    found.push(await look(within))
    throw new Undone()
  })
  await expect(attempt).rejects.toThrow(Undone)
  return found[0] as T
}

const verdictOn = (statements: readonly string[], options: VerifyOptions = {}): Promise<unknown> =>
  inside(statements, (within) =>
    verifyTrail(within, {
      keys: [sealer.key.verifierKey(origin)],
      memory: sealer.memory,
      batchSize: 100,
      actor: null,
      ...options,
    }),
  )

it('finds everything as it was signed', async () => {
  expect(await verdictOn([])).toMatchObject({ outcome: 'verified', logs: [{ erased: 6 }] })
})

describe('what was erased', () => {
  const anEvent = `(select event_id from log_erasures order by event_id limit 1)`

  it.each(['correlation_id', 'actor_id', 'reason', 'message', 'details'])(
    'is found where a superuser put something in its place: %s',
    async (column) => {
      const value = column === 'details' ? `'{"never": "said"}'` : `'never said'`
      expect(
        await verdictOn([`update audit_event set ${column} = ${value} where id = ${anEvent}`]),
      ).toMatchObject({
        defect: { kind: 'event_altered' },
      })
    },
  )

  it.each(['input', 'output'])('is found where a superuser put another %s', async (column) => {
    const forged = `update workflow_executions set ${column} = '{"never": "said"}' where execution_id = '${erased}'`
    expect(await verdictOn([forged])).toMatchObject({
      defect: { kind: 'run_incomplete', executionId: erased },
    })
  })

  it('is told from what a superuser made look so', async () => {
    const whole = `execution_id <> '${erased}' and to_state = 'enqueued_for_orchestration'`
    const withId = (id: string) =>
      `update workflow_step_transitions set metadata = jsonb_build_object('erased_by', ${id}) where ${whole}`
    expect(await verdictOn([withId('gen_random_uuid()')])).toMatchObject({
      defect: {
        kind: 'run_incomplete',
        problem: expect.stringContaining('no erasure on record did') as string,
      },
    })
    const inputTaken = `update workflow_executions set input = null where execution_id <> '${erased}'`
    expect(await verdictOn([inputTaken])).toMatchObject({ defect: { kind: 'run_incomplete' } })
  })
})

describe('the audit of how an execution went', () => {
  it.each([
    `effectiveness_score = 1`,
    `outcome = 'failed'`,
    `steps_completed = 1`,
    `rollbacks_performed = 1`,
    `total_duration = total_duration + interval '1 millisecond'`,
    `completed_at = completed_at + interval '1 day'`,
    `error_message = 'never said'`,
    `workflow_version = '9.9.9'`,
    `remediation_id = 'another'`,
    `ended_seq = 1`,
    `step_executions = jsonb_set(step_executions, '{1,retries_attempted}', '0')`,
  ])('is found where a superuser has altered it: %s', async (change) => {
    const altered = `update workflow_execution_audit set ${change} where execution_id <> '${erased}'`
    expect(await verdictOn([altered])).toMatchObject({
      defect: {
        kind: 'run_incomplete',
        problem: expect.stringContaining('the audit of its end') as string,
      },
    })
  })
})

describe('the audit of an execution that is gone', () => {
  it('is missed, as the event of that end has its digest', async () => {
    const taken = `delete from workflow_execution_audit where execution_id <> '${erased}'`
    expect(await verdictOn([taken])).toMatchObject({
      defect: {
        kind: 'run_incomplete',
        problem: expect.stringMatching(/^the audit of its end \d+ is gone$/) as string,
      },
    })
  })

  it('is not where retention has moved it, and is compared there', async () => {
    const moved = [
      `insert into workflow_execution_audit_archive select * from workflow_execution_audit`,
      `delete from workflow_execution_audit`,
    ]
    expect(await verdictOn(moved)).toMatchObject({ outcome: 'verified' })
    const altered = `update workflow_execution_audit_archive set outcome = 'failed' where execution_id <> '${erased}'`
    expect(await verdictOn([...moved, altered])).toMatchObject({ defect: { kind: 'run_incomplete' } })
  })
})

describe('a walk that is interrupted', () => {
  it('comes again upon what differed before, when another one goes on from there', async () => {
    const stop = new AbortController()
    const found = await inside(
      [
        `update audit_event set message = 'x' where id = (select event_id from log_entries where log_index = 150)`,
      ],
      async (within) => {
        const options = { memory: sealer.memory, batchSize: 100 }
        const first = await verifyLogs(within, {
          ...options,
          signal: stop.signal,
          onProgress: ({ done }) => done >= 200 && stop.abort(),
        })
        if (first.outcome !== 'interrupted') throw new Error(first.outcome)
        return await verifyLogs(within, { ...options, resumeAt: first.position })
      },
    )
    expect(found).toMatchObject({ outcome: 'defect', defect: { kind: 'event_altered', index: 150 } })
  })

  it('does not go on in a log that has become shorter than it had come', async () => {
    const stop = new AbortController()
    const first = await verifyLogs(database, {
      batchSize: 100,
      signal: stop.signal,
      onProgress: ({ done }) => done >= 500 && stop.abort(),
    })
    if (first.outcome !== 'interrupted') throw new Error(first.outcome)
    const found = await inside(
      [
        `update log_trees
         set (checkpoint, checkpoint_size, tree_size) =
             (select checkpoint, tree_size, tree_size from log_checkpoints order by tree_size limit 1),
             partial_tiles = '[]', feed_position = null`,
        `delete from log_entries where log_index >= (select tree_size from log_trees)`,
        `delete from log_checkpoints where tree_size > (select tree_size from log_trees)`,
      ],
      (within) => verifyLogs(within, { batchSize: 100, resumeAt: first.position }),
    )
    expect(found).toMatchObject({
      outcome: 'defect',
      defect: { kind: 'log_set_back', known: first.position.size, source: 'walk' },
    })
  })
})

describe('verifying since a time', () => {
  const since = new Date(start + day / 2).toISOString()

  it('goes by the time that was signed, and not by the column beside it', async () => {
    const first = await verdictOn([], { since })
    expect(first).toMatchObject({ outcome: 'verified', logs: [{ from: expect.any(Number) as number }] })
    const dated = `update log_checkpoints set signed_at = '2025-01-01'`
    expect(await verdictOn([dated], { since })).toEqual(first)
  })
})

describe('what a superuser did to the rows of the log', () => {
  it.each<[string, string[], unknown]>([
    [
      'a checkpoint of the past made null',
      [
        'alter table log_checkpoints alter checkpoint drop not null',
        'update log_checkpoints set checkpoint = null',
      ],
      { defect: { kind: 'checkpoint_unreadable', source: 'history' } },
    ],
    [
      'the tiles that are not full replaced by nothing',
      [
        'alter table log_trees drop constraint partial_tiles_are_an_array',
        `update log_trees set partial_tiles = '{"x": 1}'`,
      ],
      { defect: { kind: 'tile_missing', level: 0 } },
    ],
    ['a position that is none', [`update log_trees set feed_position = 'x'`], { outcome: 'verified' }],
    [
      'an end without a beginning',
      ['update log_trees set ended_at = now()'],
      { defect: { kind: 'log_ended' } },
    ],
    [
      'every table of the log emptied, and the database renamed',
      [
        ...['log_trees', 'log_entries', 'log_tiles', 'log_checkpoints', 'log_keys'].map(
          (table) => `delete from ${table}`,
        ),
        'update feed_identity set feed_uuid = gen_random_uuid()',
      ],
      { defect: { kind: 'log_missing' } },
    ],
    [
      'the metadata of a transition made null',
      [
        'alter table workflow_step_transitions alter metadata drop not null',
        'update workflow_step_transitions set metadata = null',
      ],
      { defect: { kind: 'run_incomplete' } },
    ],
  ])('is found: %s', async (_what, statements, found) => {
    expect(await verdictOn(statements)).toMatchObject(found as object)
  })

  it('keeps no sealer from going on: a position that is none', async () => {
    const sealed = await inside([`update log_trees set feed_position = 'x'`], (within) =>
      seal(within, sealer),
    )
    expect(sealed).toMatchObject({ sealed: 0 })
  })
})
