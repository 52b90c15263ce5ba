import { type Actor, actorProblem, reasonProblem, TrailError } from '@steptrail/event'
import type { OperatorOrder } from './operator-order.ts'

/** Who gives an order, and why. */
export interface OrderedBy {
  readonly actor: Actor
  /** In words a person can use later. Not empty; at most 10,000 characters. */
  readonly reason: string
  /** A second person who agreed; another than `actor`. */
  readonly approvedBy?: Actor | undefined
  /** Whom the order names as its actor, where `actor` is who was authenticated: kept beside it. */
  readonly givenActor?: Actor | undefined
}

/**
 * Checks who and why before anything is looked at.
 *
 * @throws TrailError `reason_required`
 */
export function checkOrderedBy(
  { action }: OperatorOrder,
  by: OrderedBy,
  needsSecondPerson: readonly OperatorOrder['action'][],
): void {
  const problem = problemOf(by, needsSecondPerson.includes(action))
  if (problem === null) return
  throw new TrailError('reason_required', `${action} is refused: ${problem}. Nothing was changed.`, {
    details: { action, by },
  })
}

function problemOf(by: Partial<OrderedBy> | null, needsSecondPerson: boolean): string | null {
  const { actor, reason, approvedBy } = by ?? {}
  const ofActor = actorProblem(actor)
  if (ofActor !== null) return `say who orders it: ${ofActor}`
  const ofReason = reasonProblem(reason)
  if (ofReason !== null) return `say why, for those who read it later: ${ofReason}`
  if (approvedBy === undefined)
    return needsSecondPerson ? 'by policy a second person has to approve of it' : null
  const ofSecond = actorProblem(approvedBy)
  if (ofSecond !== null) return `say who approves of it: ${ofSecond}`
  return approvedBy.id.trim() === actor?.id.trim()
    ? `${approvedBy.id} cannot be the second person to their own order`
    : null
}
