import { auditEventSchema } from './record.ts'

const { actorType, actorId, reason: reasonColumn } = auditEventSchema.shape

/** Why this cannot be on record as who did something; null when it can. An id of blanks is none. */
export function actorProblem(actor: unknown): string | null {
  const { type, id } = fieldsOf(actor)
  return problemBy(actorType, type, 'the actor type') ?? problemBy(actorId, id, 'the actor id')
}

/** Why this cannot be on record as the reason for something that needs one; null when it can. */
export const reasonProblem = (reason: unknown): string | null => problemBy(reasonColumn, reason, 'the reason')

function problemBy(
  column: typeof actorType | typeof reasonColumn,
  value: unknown,
  what: string,
): string | null {
  if (value === undefined || value === null) return `${what} is missing`
  if (typeof value === 'string' && value.trim() === '') return `${what} is empty`
  const [issue] = column.safeParse(value).error?.issues ?? []
  return issue ? `${what} ${issue.message}` : null
}

const fieldsOf = (actor: unknown): { readonly type?: unknown; readonly id?: unknown } =>
  typeof actor === 'object' && actor !== null ? actor : {}
