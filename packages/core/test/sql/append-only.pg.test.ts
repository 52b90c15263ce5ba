import { describeOnBoth } from '@steptrail/testkit'
import { beforeAll, expect, it } from 'vitest'
import type { Database } from '../../src/database/database.ts'
import { ensurePartitions, partitionsOf } from '../../src/partition/ensure-partitions.ts'
import { insertRow } from './insert-row.ts'

const appendOnlyTables = [
  'audit_event',
  'workflow_step_transitions',
  'workflow_step_result_audit',
  'workflow_execution_audit',
  'workflow_execution_audit_archive',
] as const

describeOnBoth('what is on record', (open) => {
  let database: Database
  const places: string[] = []
  beforeAll(async () => {
    database = await open()
    await database.transaction((tx) =>
      ensurePartitions(tx, partitionsOf('audit_event', ['2025-11-04T10:00:00.000Z'])),
    )
    await insertRow(database.query, 'audit_event', { event_type: 'OPERATION', entity_type: 'OPERATION' })
    await insertRow(database.query, 'workflow_step_transitions', {
      workflow_step_uuid: '019a4f0c-5c7b-7000-8000-000000000000',
      execution_id: '019a4f0c-5c7b-7000-8000-000000000000',
      from_state: 'in_progress',
      to_state: 'enqueued_for_orchestration',
      sort_key: 2,
    })
    const audit = {
      remediation_id: 'r',
      workflow_name: 'w',
      workflow_version: '1',
      total_steps: 1,
      outcome: 'failed',
    }
    await insertRow(database.query, 'workflow_execution_audit', audit)
    await insertRow(database.query, 'workflow_execution_audit_archive', audit)
    for (const table of appendOnlyTables) {
      const { rows } = await database.query<{ name: string }>(
        `select tableoid::regclass::text as name from ${table}`,
      )
      places.push(table, ...rows.map(({ name }) => name))
    }
  })

  it('lies in a partition for each month, but for the result audit and the archive', () => {
    expect(places).toEqual([
      'audit_event',
      expect.stringMatching(/^audit_event_\d{4}_\d\d$/),
      'workflow_step_transitions',
      expect.stringMatching(/^workflow_step_transitions_\d{4}_\d\d$/),
      'workflow_step_result_audit',
      'workflow_step_result_audit',
      'workflow_execution_audit',
      expect.stringMatching(/^workflow_execution_audit_\d{4}_\d\d$/),
      'workflow_execution_audit_archive',
      'workflow_execution_audit_archive',
    ])
  })

  it.each(['origin', 'replica'])(
    'is not changed, deleted or truncated, in table or partition, as %s',
    async (role) => {
      for (const place of places) {
        for (const statement of [
          `update ${place} set tenant = 'other'`,
          `delete from ${place}`,
          `truncate ${place}`,
          `truncate ${place} cascade`,
        ]) {
          const attempt = database.transaction(async (tx) => {
            await tx(`set local session_replication_role = ${role}`)
            await tx(statement)
          })
          await expect(attempt, statement).rejects.toMatchObject({
            code: 'append_only',
            message: expect.stringContaining('what is on record does not change') as string,
            cause: { code: 'ST001' },
          })
        }
      }
    },
  )

  it('says which table refused, and what to do instead', async () => {
    await expect(database.query(`update audit_event set message = 'better'`)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^UPDATE of audit_event_\d{4}_\d\d is refused: .*: insert a new row that says what is different$/,
      ) as string,
      details: { table: expect.stringMatching(/^audit_event_/) as string },
    })
    await expect(database.query('delete from workflow_step_result_audit')).rejects.toMatchObject({
      message: expect.stringContaining('rows go only with their partition') as string,
    })
  })

  it('is not changed by way of a conflict or a merge', async () => {
    const { rows } = await database.query<{ id: string; timestamp: string }>(
      'select id, timestamp from audit_event',
    )
    const [event] = rows
    const conflict = database.query(
      `insert into audit_event (id, "timestamp", event_type, entity_type) values ($1, $2, 'x', 'OPERATION')
      on conflict (id, "timestamp") do update set event_type = 'y'`,
      [event?.id, event?.timestamp],
    )
    await expect(conflict).rejects.toMatchObject({ code: 'append_only' })
    const merge = database.query(
      `merge into audit_event using (select 1) as one on true when matched then delete`,
    )
    await expect(merge).rejects.toMatchObject({ code: 'append_only' })
  })

  it('is protected in partitions of every age, made by hand or by the migration', async () => {
    const { rows } = await database.query<{ partition: string; triggers: string[] }>(
      `select inhrelid::regclass::text as partition,
        array(
          select tgname::text || ' ' || tgenabled::text from pg_trigger
          where tgrelid = inhrelid and tgname like 'trg_refuse%' order by 1
        ) as triggers
      from pg_inherits
      where inhparent in ('audit_event'::regclass, 'workflow_step_transitions'::regclass)`,
    )
    expect(rows.length).toBeGreaterThanOrEqual(7)
    for (const { triggers } of rows)
      expect(triggers).toEqual(['trg_refuse_change A', 'trg_refuse_delete A', 'trg_refuse_truncate A'])
  })

  it('is still there', async () => {
    for (const table of appendOnlyTables)
      expect((await database.query(`select from ${table}`)).rowCount, table).toBe(1)
  })
})
