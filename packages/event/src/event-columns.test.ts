import { expect, test } from 'vitest'
import { eventColumns } from './event-columns.ts'
import { assignedKeys, auditEventSchema } from './record.ts'

const keys = eventColumns.map(({ key }) => key)

test('the table and the schema have the same keys in the same order', () => {
  expect(keys).toEqual(Object.keys(auditEventSchema.shape))
})

test('columns are named like their keys', () => {
  for (const { key, column } of eventColumns)
    expect(column).toBe(key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
})

test('the columns are those of the design, in its order', () => {
  expect(eventColumns.map(({ column }) => column).join(' ')).toBe(
    'id timestamp recorded_at event_type entity_type status severity service_name execution_id execution_seq ' +
      'workflow_name workflow_version step_name step_id operation_type duration_ms retry_count correlation_id ' +
      'parent_event_id trace_id span_id actor_type actor_id resource_type resource_id action reason message ' +
      'details tenant schema_version recorder_id recorder_seq salt',
  )
})

test.each(eventColumns)(
  '$key may be null in the schema as in the table, save what its writer gives',
  ({ key, nullable }) => {
    const writerGives = (assignedKeys as readonly string[]).includes(key)
    expect(auditEventSchema.shape[key].safeParse(null).success).toBe(nullable || writerGives)
  },
)

test('every meaning is a sentence', () => {
  for (const { meaning } of eventColumns) expect(meaning).toMatch(/^\S.*\.$/)
})
