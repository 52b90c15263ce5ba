import {
  type Actor,
  actorProblem,
  defaultRedaction,
  isStorable,
  reasonProblem,
  TrailError,
} from '@steptrail/event'
import { z } from 'zod'

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

/**
 * Who gives an order and why, as it goes on record: without secrets.
 *
 * @throws TrailError `reason_required` where one of them is missing, or cannot be on record
 */
export function checkedGivenBy({ actor, reason }: GivenBy): GivenBy {
  const problem = actorProblem(actor) ?? reasonProblem(reason)
  if (problem === null) return { actor, reason: defaultRedaction.redactText(reason) }
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
