import { TrailError } from '@steptrail/event'
import { z } from 'zod'
import { eventAttributes, type EventType, long } from './event-attributes.ts'
import { localAttemptsIn } from './local-activity-steps.ts'
import type { EarlierEvents, History, HistoryEvent } from './history-event.ts'

/** Where a history comes from, for what is said of it. */
export interface HistorySource {
  /** Such as the name of its file. */
  readonly name: string
  /** The id of the workflow, for histories of servers that do not put it into the history. */
  readonly workflowId?: string | undefined
}

/**
 * Reads a history from JSON as `temporal workflow show --output json`, the Web UI, `tctl` and the SDKs write it: an object
 * with `events`, that within `history`, or a list of events or of batches of them. What tells nothing that is on record is
 * passed over; everything else has to be as Temporal writes it.
 *
 * @throws TrailError `invalid_input` naming the source, the place in it and what is wrong there
 */
export function readHistory(json: unknown, source: HistorySource): History {
  const events = eventsOf(json, source)
  const [started] = events
  if (started?.type !== 'workflowExecutionStarted')
    throw refused(source, 'does not begin with the event WorkflowExecutionStarted; give the whole history')
  requireDense(events, { source, after: 0 })
  return { ...identityOf(events, started, source), started, events, earlier: null }
}

/**
 * Reads the events that follow those which were read before, as they are.
 *
 * @throws TrailError as `readHistory`
 */
export function readOn(json: unknown, source: HistorySource, earlier: EarlierEvents): History {
  const { workflowId, runId, started, through } = earlier
  const events = eventsOf(json, source)
  requireDense(events, { source, after: through })
  return { workflowId, runId, started, earlier, events }
}

const eventsOf = (json: unknown, source: HistorySource): readonly HistoryEvent[] =>
  eventsIn(json).map((event, index) => readEvent(event, { index, source }))

function requireDense(
  events: readonly HistoryEvent[],
  { source, after }: { readonly source: HistorySource; readonly after: number },
): void {
  for (const [index, { id }] of events.entries())
    if (id !== after + index + 1)
      throw refused(
        source,
        `has event ${id} at events[${index}], where ${after + index + 1} is due: it lacks events, or they are out of order`,
      )
  const attempts = events.reduce((sum, event) => sum + attemptsIn(event), 0)
  if (attempts > mostAttempts)
    throw refused(source, `has ${attempts} attempts, and ${mostAttempts} are the most that can be on record`)
}

/** All attempts of a history over this cannot be on record at once: each would be a row. */
const mostAttempts = 50_000

const attemptsIn = (event: HistoryEvent): number =>
  event.type === 'activityTaskStarted' ? event.attributes.attempt : localAttemptsIn(event)

/**
 * The same from text.
 *
 * @throws TrailError `invalid_input` also for a text that is no JSON, with the line and column where it is none
 */
export function parseHistory(content: string, source: HistorySource): History {
  let json: unknown
  try {
    json = JSON.parse(content)
  } catch (error) {
    throw refused(source, `is not JSON${placeOf(error, content)}`)
  }
  return readHistory(json, source)
}

function placeOf(error: unknown, content: string): string {
  const before = content.slice(0, offsetOf(error, content)).split('\n')
  return ` at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}

/** Of a token that does not belong there the parser tells no place: it is the end of the shortest text with that error. */
function offsetOf(error: unknown, content: string): number {
  const message = messageOf(error)
  const told = /position (\d+)/.exec(message)?.[1]
  if (told !== undefined) return Number(told)
  if (!isOfToken(message)) return content.length
  let [without, within] = [0, content.length]
  while (within - without > 1) {
    const middle = Math.floor((without + within) / 2)
    if (isOfToken(problemOf(content.slice(0, middle)))) within = middle
    else without = middle
  }
  return without
}

function problemOf(content: string): string {
  try {
    JSON.parse(content)
    return ''
  } catch (error) {
    return messageOf(error)
  }
}

const isOfToken = (message: string): boolean => message.startsWith('Unexpected token')
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function eventsIn(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json.flatMap((each: unknown) => fieldOf(each, 'events') ?? [each])
  const within = typeof json === 'object' && json !== null && 'history' in json ? json.history : json
  return fieldOf(within, 'events') ?? []
}

function fieldOf(value: unknown, name: 'events'): readonly unknown[] | null {
  if (typeof value !== 'object' || value === null || !(name in value)) return null
  const field = value[name]
  return Array.isArray(field) ? field : null
}

/** The trail takes nothing from before. */
const earliest = Date.UTC(2000)

const headSchema = z.looseObject({
  eventId: long,
  // As text; and in the two parts in which the SDK for TypeScript writes it.
  eventTime: z
    .union([
      z.string().transform((time) => Date.parse(time)),
      z
        .looseObject({ seconds: long, nanos: z.int().optional().default(0) })
        .transform(({ seconds, nanos }) => seconds * 1_000 + Math.floor(nanos / 1_000_000)),
    ])
    .refine((time) => Number.isSafeInteger(time) && time >= earliest, 'is not a time since 2000'),
})

const suffix = 'EventAttributes'

interface Place {
  readonly index: number
  readonly source: HistorySource
}

function readEvent(event: unknown, place: Place): HistoryEvent {
  const { eventId: id, eventTime: at } = parsed(headSchema, event, { ...place, within: '' })
  // Some tools write the attributes of all other types, too, as null.
  const named = Object.entries(event as object).find(([key, value]) => key.endsWith(suffix) && value !== null)
  const type = named?.[0].slice(0, -suffix.length) ?? 'other'
  if (!isRead(type)) return { id, at, type: 'other' }
  const attributes = parsed(eventAttributes[type] as z.ZodType, named?.[1], {
    ...place,
    within: `.${named?.[0]}`,
  })
  return { id, at, type, attributes } as HistoryEvent
}

const isRead = (type: string): type is EventType => Object.hasOwn(eventAttributes, type)

function parsed<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  { index, source, within }: Place & { readonly within: string },
): z.output<Schema> {
  const result = checked(schema, value)
  if (!result) throw refused(source, `has something nested too deeply at events[${index}]${within}`)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = (issue?.path ?? []).map((part) =>
    typeof part === 'number' ? `[${part}]` : `.${String(part)}`,
  )
  throw refused(source, `has something wrong at events[${index}]${within}${path.join('')}: ${issue?.message}`)
}

/** Null for what is nested more deeply than can be looked at, such as a failure with thousands of causes. */
function checked<Schema extends z.ZodType>(schema: Schema, value: unknown) {
  try {
    return schema.safeParse(value)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** A run that was made by a reset has its own id in the event by which it was made; the first event is that of the other. */
function identityOf(
  events: readonly HistoryEvent[],
  { attributes }: History['started'],
  source: HistorySource,
): Pick<History, 'workflowId' | 'runId'> {
  const workflowId = attributes.workflowId || source.workflowId
  if (workflowId === undefined || workflowId === '')
    throw refused(
      source,
      'does not name its workflow, as servers before 1.24 leave it out: give the id of the workflow',
    )
  const reset = events.findLast(
    (event) => event.type === 'workflowTaskFailed' && (event.attributes.newRunId ?? '') !== '',
  )
  const runId =
    reset?.type === 'workflowTaskFailed' ? reset.attributes.newRunId : attributes.originalExecutionRunId
  if (runId === undefined || runId === '')
    throw refused(source, 'does not name its run: originalExecutionRunId of its first event is not there')
  return { workflowId, runId }
}

const refused = ({ name }: HistorySource, problem: string): TrailError =>
  new TrailError('invalid_input', `the history ${name} ${problem}. Nothing of it was put on record`, {
    details: { source: name },
  })
