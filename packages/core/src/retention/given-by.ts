import { type Actor, actorTypes, isStorable, reasonProblem, TrailError, uuidV7 } from '@steptrail/event'
import { z } from 'zod'
import type { Query } from '../database/database.ts'
import { insertEvents } from '../trail/write-events.ts'

/** Who orders something of the trail itself, and why: both go on record. */
export interface GivenBy {
  readonly actor: Actor
  readonly reason: string
}

/** A name that an order is about. */
export const nameInOrder = z
  .string()
  .min(1, 'is empty')
  .max(255, 'is longer than 255 characters')
  .refine(isStorable, 'holds U+0000 or a lone surrogate, which no event does')

const actorSchema = z.strictObject({ type: z.enum(actorTypes), id: z.string().min(1).max(255) })

/**
 * Makes sure that an order says who gives it and why.
 *
 * @throws TrailError `reason_required`
 */
export function requireGivenBy({ actor, reason }: GivenBy): void {
  const problem = actorSchema.safeParse(actor).success
    ? reasonProblem(reason)
    : 'its actor is not { type, id }'
  if (problem === null) return
  throw new TrailError('reason_required', `the order is refused: ${problem}. Nothing was changed.`, {
    details: { actor, reason },
  })
}

/**
 * The value as the schema has it.
 *
 * @throws TrailError `invalid_input` naming the field and its value
 */
export function parseOrder<Schema extends z.ZodType>(
  what: string,
  value: unknown,
  schema: Schema,
): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = (issue?.path ?? []).join('.')
  throw new TrailError(
    'invalid_input',
    `the ${what} is refused: ${[path, issue?.message ?? 'is malformed'].filter(Boolean).join(' ')}. Nothing was changed.`,
    { details: { path, value } },
  )
}

/** An event of the trail's own administration. */
export interface TrailEvent {
  readonly eventType: string
  /** SUCCESS unless given. */
  readonly status?: 'FAILED' | undefined
  readonly actor: Actor
  readonly reason: string | null
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>
}

/** Puts what was done to the trail on record, in the transaction that does it. */
export async function recordTrailEvent(tx: Query, event: TrailEvent): Promise<void> {
  const { rows } = await tx<{ now: number }>(
    'select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now',
  )
  const now = rows[0]?.now ?? Date.now()
  await insertEvents(
    (text, values) => tx(text, values),
    [
      {
        id: uuidV7(now),
        timestamp: new Date(now).toISOString(),
        eventType: event.eventType,
        entityType: 'TRAIL',
        status: event.status ?? 'SUCCESS',
        actorType: event.actor.type,
        actorId: event.actor.id,
        reason: event.reason,
        message: event.message,
        details: event.details as never,
      },
    ],
  )
}
