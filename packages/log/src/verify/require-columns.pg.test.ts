import { describeOnBoth } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { operations, record, sealing } from '../../test/logs.ts'
import { verifyLogs } from './verify-log.ts'

describeOnBoth('verification of a trail', (open) => {
  it.each([
    ['duration_ms', 'numeric', 'bigint'],
    ['step_id', 'text', 'uuid'],
    ['message', 'character varying', 'text'],
    ['retry_count', 'bigint', 'integer'],
  ])('of which somebody has made the column %s %s is refused, and says so', async (column, type, was) => {
    const database = await open()
    const { seal, memory } = sealing()
    await record(database, operations(3))
    await seal(database)
    expect(await verifyLogs(database, { memory })).toMatchObject({ outcome: 'verified' })
    await database.query(dropWhatDepends)
    await database.query(`alter table audit_event alter column ${column} type ${type}`)
    await expect(verifyLogs(database, { memory })).rejects.toMatchObject({
      code: 'schema_edited',
      message: expect.stringContaining(
        `the column ${column} of audit_event is ${type}, and was made as ${was}`,
      ),
    })
  })
})

/** Views, and what else reads the columns of the table: as a superuser would. */
const dropWhatDepends = `
do $$
declare
  found record;
begin
  for found in select viewname from pg_views where schemaname = current_schema() loop
    execute format('drop view if exists %I cascade', found.viewname);
  end loop;
end
$$`
