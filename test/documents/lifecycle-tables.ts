import { executionRules, stepRules } from '@steptrail/workflow'
import { tableOf } from './markdown.ts'
import { type ObservedMove, observedMoves } from './observed-moves.ts'

type Kind = ObservedMove['kind']

interface Rule {
  readonly from: readonly (string | null)[]
  readonly to: string
  readonly by: string
}

/** One allowed move, with what follows from it; `events` is null when nothing makes it. */
export interface LifecycleMove {
  readonly from: string | null
  readonly to: string
  readonly by: string
  readonly events: string | null
}

/** Every move that the state tables allow, in their order. */
export function lifecycleMoves(kind: Kind): readonly LifecycleMove[] {
  const rules: readonly Rule[] = kind === 'step' ? stepRules : executionRules
  const observed = observedMoves().filter((move) => move.kind === kind)
  return rules.flatMap(({ from, to, by }) =>
    from.map((state) => ({ from: state, to, by, events: eventsOfMove({ from: state, to }, observed) })),
  )
}

function eventsOfMove(
  { from, to }: Pick<LifecycleMove, 'from' | 'to'>,
  observed: readonly ObservedMove[],
): string | null {
  // A worker's claim is its own statement, outside deciding, and no event follows from it.
  if (from === 'enqueued' && to === 'in_progress') return 'none'
  const seen = observed.filter((move) => move.from === from && move.to === to)
  const outcomes = new Set(seen.map(({ events }) => events.join(', ') || 'none'))
  return outcomes.size === 0 ? null : [...outcomes].join('; or ')
}

/** The table of the moves that the runtime makes. */
export const movesMade = (kind: Kind): string =>
  tableOf(
    ['from', 'to', 'by', 'events'],
    grouped(lifecycleMoves(kind).filter(({ events }) => events !== null)).map(({ from, to, by, events }) => [
      from,
      to,
      by,
      events ?? '',
    ]),
  )

/** The table of those that are allowed and that nothing makes. */
export const movesNotMade = (kind: Kind): string =>
  tableOf(
    ['from', 'to', 'by'],
    grouped(lifecycleMoves(kind).filter(({ events }) => events === null)).map(({ from, to, by }) => [
      from,
      to,
      by,
    ]),
  )

/** The moves that the runtime makes, as a diagram. */
export function stateDiagram(kind: Kind): string {
  const made = lifecycleMoves(kind).filter(({ events }) => events !== null)
  const lines = made.map(({ from, to, by }) => `  ${from ?? '[*]'} --> ${to}: ${labelOf(by)}`)
  return ['```mermaid', 'stateDiagram-v2', ...lines, '```'].join('\n')
}

const labelOf = (by: string): string =>
  by
    .replace(/^decision: /, '')
    .replace(/[:;(,].*$/, '')
    .trim()

/** Moves to one state by one rule, in one row. */
function grouped(moves: readonly LifecycleMove[]): readonly (LifecycleMove & { readonly from: string })[] {
  const rows = Map.groupBy(moves, ({ to, by, events }) => JSON.stringify([to, by, events]))
  return [...rows.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const from = group.map((move) => (move.from === null ? '(new)' : `\`${move.from}\``)).join(', ')
    return [{ ...first, from, to: `\`${first.to}\`` }]
  })
}
