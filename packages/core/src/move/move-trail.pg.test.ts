import { createEmptyDatabase, createMigratedDatabase, openTestDatabase } from '@steptrail/testkit'
import { beforeAll, expect, it } from 'vitest'
import { remains, writeAged } from '../../test/aged-trail.ts'
import { createApiKey } from '../access/api-keys.ts'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import { placeHold } from '../retention/holds.ts'
import { runRetention } from '../retention/run-retention.ts'
import { listEvents } from '../trail/list-events.ts'
import { recordIn } from '../trail/record-in.ts'
import { eventsNotMoved, moveTrail } from './move-trail.ts'

let from: Database
let url = ''
beforeAll(async () => {
  from = await openTestDatabase('embedded')
  const times = ['2025-01-31T23:59:59.999Z', '2025-02-01T00:00:00.000Z', '2026-10-01T12:00:00.000Z']
  await from.transaction((tx) =>
    recordIn(
      tx,
      times.flatMap((timestamp) =>
        Array.from({ length: 20 }, (_, index) => ({
          eventType: 'OPERATION',
          timestamp,
          action: 'moved',
          message: `"ünïcode" 🙂 \\ ${index}`,
          details: { index, nested: [null, 1.5, { deep: 'x\ny' }] },
        })),
      ),
    ),
  )
  await createApiKey(from, { name: 'moved', scopes: ['read'] }, { type: 'user', id: 'root' })
  await from.query(reportedStep)
  await from.query(actionType)
  for (const words of ['Restarts.', 'Restarts one.', 'Restarts a pod.'])
    await from.query('update workflow_action_types set what = $1', [words])
  url = await createEmptyDatabase()
})

/** A transition of a worker's report, whose trigger writes a row of the result audit. */
const reportedStep = `
insert into workflow_step_transitions (workflow_step_uuid, execution_id, from_state, to_state, sort_key)
values (uuid_v7(), uuid_v7(), 'in_progress', 'enqueued_for_orchestration', 2)`

/** A part of a catalogue, each change of which a trigger counts. */
const actionType = `
insert into workflow_action_types (action_type, what, when_to_use, when_not_to_use, preconditions)
values ('RestartPod', 'Restarts', '', '', '')`

it('copies everything as it is, and tells of each table what is the same on both sides', async () => {
  await using to = await openDatabase({ url })
  const told: string[] = []
  const moved = await moveTrail(from, to, { onTable: (table) => told.push(table) })
  expect(told).toEqual(moved.map(({ table }) => table))
  const rows = Object.fromEntries(moved.map((each) => [each.table, each.rows]))
  expect(rows).toMatchObject({
    audit_event: 61,
    api_keys: 1,
    workflow_step_transitions: 1,
    workflow_step_result_audit: 1,
  })
  const [there, here] = [await listEvents(to, { limit: 1000 }), await listEvents(from, { limit: 1000 })]
  expect(there.items).toEqual(here.items)
  const salts =
    'select md5(string_agg(id::text || salt || recorded_at, $1 order by id)) as digest from audit_event'
  expect((await to.query(salts, [','])).rows).toEqual((await from.query(salts, [','])).rows)
})

it('counts what is recorded while it copies, which the copy has not', async () => {
  await using source = await openDatabase({ url: await createMigratedDatabase() })
  await using to = await openDatabase({ url: await createEmptyDatabase() })
  const recorded: Promise<unknown>[] = []
  const record = () => source.transaction((tx) => recordIn(tx, [{ eventType: 'OPERATION', action: 'late' }]))
  await record()
  const moved = await moveTrail(source, to, {
    onTable: (table) => void (table === 'audit_event' && recorded.push(record(), record())),
  })
  await Promise.all(recorded)
  expect(moved.find(({ table }) => table === 'audit_event')?.rows).toBe(1)
  expect(await eventsNotMoved(source, moved)).toBe(2)
})

it('goes on counting the changes of the catalogue, so that nobody takes what was read before for what is so', async () => {
  await using to = await openDatabase({ url })
  const revisionOf = async (database: Database) => {
    const { rows } = await database.query<{ revision: number }>(
      'select revision from workflow_catalog_revision',
    )
    return rows[0]?.revision ?? 0
  }
  expect(await revisionOf(from)).toBe(4)
  expect(await revisionOf(to)).toBeGreaterThan(4)
  const { rows } = await to.query('select what from workflow_action_types')
  expect(rows).toEqual([{ what: 'Restarts a pod.' }])
})

it('moves what retention has kept of months that it has closed, and leaves them closed', async () => {
  await using source = await openTestDatabase('embedded')
  await using to = await openDatabase({ url: await createEmptyDatabase() })
  const events = ['2025-01-30T00:00:00.000Z', '2025-01-31T00:00:00.000Z', '2025-02-01T00:00:00.000Z']
  const ids = await writeAged(source, [
    { workflow: 'held', events },
    { workflow: 'gone', events },
  ])
  const by = { type: 'user', id: 'root' } as const
  await placeHold(source, { workflow: 'held' }, { actor: by, reason: 'a dispute' })
  await runRetention(source, { by, archive: null, now: Date.UTC(2026, 9, 15) })
  await moveTrail(source, to)
  expect(await remains(to, ids)).toEqual(await remains(source, ids))
  const late = (timestamp: string) =>
    recordIn((text, values) => to.query(text, values), [lateEvent(timestamp)])
  for (const timestamp of ['2025-01-30T00:00:00.000Z', '2025-02-01T00:00:00.000Z'])
    await expect(late(timestamp)).rejects.toMatchObject({ code: 'event_expired' })
  await expect(to.query(reportedStepIn, ['2025-01-30T00:00:00.000Z'])).rejects.toMatchObject({
    code: 'event_expired',
  })
  await late('2025-03-01T00:00:00.000Z')
})

const lateEvent = (timestamp: string) => ({ eventType: 'OPERATION', action: 'late', timestamp })

const reportedStepIn = `
insert into workflow_step_transitions (workflow_step_uuid, execution_id, from_state, to_state, sort_key, created_at)
values (uuid_v7(), uuid_v7(), 'in_progress', 'enqueued_for_orchestration', 2, $1)`

it('refuses a database that has history, and changes nothing in it', async () => {
  await using to = await openDatabase({ url })
  await expect(moveTrail(from, to)).rejects.toMatchObject({ code: 'invalid_input' })
  await expect(moveTrail(from, to)).rejects.toThrow('has history already')
})

it('refuses a user who cannot keep triggers from recording it all again', async () => {
  const other = await createEmptyDatabase()
  await using admin = await openDatabase({ url: other })
  const login = `steptrail_test_mover_${process.pid}`
  await admin.query(`create role ${login} login password 'x' nosuperuser`)
  try {
    await admin.query(
      `do $$ begin execute format('alter database %I owner to ${login}', current_database()); end $$`,
    )
    const place = new URL(other)
    place.username = login
    place.password = 'x'
    await using to = await openDatabase({ url: place.href })
    await expect(moveTrail(from, to)).rejects.toMatchObject({ code: 'insufficient_privilege' })
  } finally {
    await admin.query('drop schema if exists steptrail cascade')
    await admin.query(
      `do $$ begin execute format('alter database %I owner to current_user', current_database()); end $$`,
    )
    await admin.query(`drop role ${login}`)
  }
})
