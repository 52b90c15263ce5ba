import * as fc from 'fast-check'
import type { EventType, TypedColumn } from '../src/event-type.ts'
import { actorTypes, type AssignedKey, type EventInput, operationTypes, severities } from '../src/record.ts'
import { jsonObject } from './arbitraries.ts'
import { exampleOf } from './example-of.ts'

/** Keys that a type speaks about and a caller may give. */
export type GivenColumn = Exclude<TypedColumn, AssignedKey>

const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9 .:-]{0,30}$/)
const count = fc.nat({ max: 2_147_483_647 })
const uuid = fc.uuid()

/** What may stand in each column. */
export const columnValues: { readonly [Key in GivenColumn]: fc.Arbitrary<unknown> } = {
  serviceName: name,
  executionId: fc.oneof(name, uuid),
  workflowName: name,
  workflowVersion: name,
  stepName: name,
  stepId: uuid,
  operationType: fc.constantFrom(...operationTypes),
  durationMs: fc.maxSafeNat(),
  retryCount: count,
  correlationId: name,
  parentEventId: uuid,
  traceId: fc.stringMatching(/^[0-9a-f]{31}[1-9a-f]$/),
  spanId: fc.stringMatching(/^[0-9a-f]{15}[1-9a-f]$/),
  actorType: fc.constantFrom(...actorTypes),
  actorId: name,
  resourceType: name,
  resourceId: name,
  action: name,
  reason: name,
  message: name,
  details: jsonObject,
}

export const givenColumns = Object.keys(columnValues) as readonly GivenColumn[]

/** Events of a type as a caller may give them: every column that is always set, and some of those that may be. */
export function inputsOf(type: EventType): fc.Arbitrary<EventInput> {
  const columns = givenColumns.filter((key) => type.columns[key] !== undefined)
  const values = { ...columnValues, details: exampleOf(type.details) }
  return fc.record(
    {
      eventType: fc.constant(type.eventType),
      status: fc.constantFrom(...type.statuses),
      severity: fc.constantFrom(...severities),
      tenant: name,
      ...Object.fromEntries(columns.map((key) => [key, values[key]])),
    },
    {
      requiredKeys: [
        'eventType',
        'status',
        ...columns.filter((key) => type.columns[key] === 'always'),
      ] as never[],
      noNullPrototype: true,
    },
  ) as fc.Arbitrary<EventInput>
}
