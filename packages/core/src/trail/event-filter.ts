import {
  entityTypes,
  eventLimits,
  isUuid,
  type EntityType,
  operationTypes,
  type OperationType,
  type Outcome,
  outcomes,
  severities,
  type Severity,
  TrailError,
} from '@steptrail/event'
import { type Expression, expressionBuilder, sql, type SqlBool } from 'kysely'
import { z } from 'zod'
import type { ReadTables } from './compose.ts'

/** Which events. Every filter given must hold; without any, all do. */
export interface EventFilter {
  readonly eventType?: string | undefined
  readonly entityType?: EntityType | undefined
  readonly executionId?: string | undefined
  readonly workflowName?: string | undefined
  readonly stepName?: string | undefined
  /** `DO` or `UNDO`. */
  readonly operation?: OperationType | undefined
  /** What was done, such as `config_update`. */
  readonly action?: string | undefined
  /** As `outcomeOf` tells it: an event without a status is a success unless it is an error. */
  readonly result?: Outcome | undefined
  /** The service, where an event without one comes from `system`. */
  readonly source?: string | undefined
  /** The service, and no event without one. */
  readonly serviceName?: string | undefined
  readonly correlationId?: string | undefined
  /** The id of who caused it. */
  readonly actor?: string | undefined
  readonly severity?: Severity | undefined
  readonly tenant?: string | undefined
  /** Text to find, in any letter case, in type, step, action, resource, message, reason or details. */
  readonly q?: string | undefined
}

const text = (max: number) =>
  z
    .string()
    .min(1, 'is empty')
    .max(max, `is longer than ${max} characters`)
    .refine(
      (value) => value.isWellFormed() && !value.includes('\u0000'),
      'holds U+0000 or a lone surrogate, which no event does',
    )
    .optional()

const name = text(eventLimits.nameLength)
const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, { error: `is none of ${values.join(', ')}` }).optional()

/** The fields of a filter, for schemas of requests that hold one. */
export const eventFilterShape = {
  eventType: name,
  entityType: oneOf(entityTypes),
  executionId: name,
  workflowName: name,
  stepName: name,
  operation: oneOf(operationTypes),
  action: name,
  result: oneOf(outcomes),
  source: name,
  serviceName: name,
  correlationId: name,
  actor: name,
  severity: oneOf(severities),
  tenant: name,
  q: text(200),
} as const

/**
 * What the schema makes of the value.
 *
 * @throws TrailError `invalid_filter` that names the field, its value and what is wrong with it
 */
export function parseFilter<Schema extends z.ZodType>(value: unknown, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const field = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path[0]
  const problem = issue?.code === 'unrecognized_keys' ? 'is not a filter there is' : (issue?.message ?? '')
  throw invalidFilter(String(field), (value as Record<string, unknown>)[String(field)], problem)
}

/** The error for a filter that cannot be used. `problem` goes on after the name and the value. */
export function invalidFilter(filter: string, value: unknown, problem: string): TrailError {
  return new TrailError('invalid_filter', `the filter ${filter} (${shown(value)}) ${problem}`, {
    details: { filter, value },
  })
}

/** The condition that a filter is, in SQL. */
export function eventsThatMatch(filter: EventFilter): Expression<SqlBool> {
  const eb = expressionBuilder<ReadTables, 'audit_event'>()
  const conditions: Expression<SqlBool>[] = []
  for (const [key, column] of equalities) {
    const value = filter[key]
    if (value !== undefined) conditions.push(eb(column, '=', value))
  }
  if (filter.executionId !== undefined)
    conditions.push(eb('execution_id', '=', executionIdText(filter.executionId)))
  if (filter.source !== undefined) conditions.push(sourceIs(filter.source))
  if (filter.serviceName !== undefined)
    conditions.push(sourceIs(filter.serviceName), eb('service_name', 'is not', null))
  if (filter.result !== undefined) conditions.push(resultIs(filter.result))
  if (filter.q !== undefined) conditions.push(holdsText(filter.q))
  return eb.and(conditions)
}

/**
 * A filter in two: what an index finds in the order of the pages, or what is little to sort, and what is looked for in
 * that. What many events have alike is found by an index only where nothing else is.
 */
export function byIndex(filter: EventFilter): {
  readonly indexed: EventFilter
  readonly others: EventFilter
} {
  const isFrequent = (key: string, value: unknown): boolean =>
    (frequent[key as keyof EventFilter] ?? []).some((each) => each === value)
  const isIndexed = ([key, value]: readonly [string, unknown]): boolean =>
    value !== undefined && key !== 'q' && !isFrequent(key, value)
  const fields = Object.entries(filter)
  const found = fields.filter(isIndexed)
  const narrow = found.filter(([key]) => !broad.has(key))
  const indexed = new Map(narrow.length > 0 ? narrow : found)
  return {
    indexed: Object.fromEntries(indexed),
    others: Object.fromEntries(fields.filter(([key]) => !indexed.has(key))),
  }
}

const broad: ReadonlySet<string> = new Set(['source', 'serviceName', 'tenant'])

/** What most events have alike, which the indexes of migration 12 leave out. */
const frequent: Readonly<Partial<Record<keyof EventFilter, readonly string[]>>> = {
  result: ['success'],
  severity: ['info'],
  tenant: ['default'],
  operation: ['DO'],
  entityType: entityTypes.filter((type) => type !== 'SELECTION' && type !== 'TRAIL'),
}

/** The form in which the id of an execution is stored: ids of ours are UUIDs, in lower case. */
export const executionIdText = (id: string): string => (isUuid(id) ? id.toLowerCase() : id)

const equalities = [
  ['eventType', 'event_type'],
  ['entityType', 'entity_type'],
  ['workflowName', 'workflow_name'],
  ['stepName', 'step_name'],
  ['operation', 'operation_type'],
  ['action', 'action'],
  ['correlationId', 'correlation_id'],
  ['actor', 'actor_id'],
  ['severity', 'severity'],
  ['tenant', 'tenant'],
] as const satisfies readonly (readonly [keyof EventFilter, keyof ReadTables['audit_event']])[]

const statusOf = { success: 'SUCCESS', failure: 'FAILED', warning: 'WARNING' } as const

/** As the index `audit_event_by_result` has it, word for word. */
const resultIs = (result: Outcome): Expression<SqlBool> =>
  sql<SqlBool>`coalesce(status, case when severity in ('error', 'critical') then 'FAILED' else 'SUCCESS' end)
    = ${statusOf[result]}`

/** As the index `audit_event_by_source` has it. */
const sourceIs = (source: string): Expression<SqlBool> =>
  sql<SqlBool>`coalesce(service_name, 'system') = ${source}`

/** Letters of ASCII fold alike in every language, and in that of the C locale in half the time. */
function holdsText(wanted: string): Expression<SqlBool> {
  const pattern = `%${wanted.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  const collation = sql.raw(/^[\x20-\x7e]*$/.test(wanted) ? 'collate "C"' : '')
  return sql<SqlBool>`concat_ws(E'\n', event_type, step_name, action, resource_id, message, reason, details::text)
    ${collation} ilike ${pattern}`
}

const shown = (value: unknown): string => {
  const json = JSON.stringify(value) ?? String(value)
  return json.length > 80 ? `${json.slice(0, 80)}…` : json
}
