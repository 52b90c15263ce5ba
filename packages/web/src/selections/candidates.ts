import { z } from 'zod'
import type { Event } from '@steptrail/client'

const breakdown = z.record(z.string(), z.number())

const candidateSchema = z.object({
  workflowId: z.string(),
  workflowName: z.string(),
  version: z.string(),
  finalScore: z.number().nullable(),
  scoring: z
    .object({
      base_similarity: z.number(),
      boost_breakdown: breakdown,
      penalty_breakdown: breakdown,
    })
    .nullable(),
  leftOut: z.array(z.looseObject({ kind: z.string() })),
})

const payloadSchema = z.object({
  payload: z.object({ candidates: z.array(candidateSchema), candidatesOmitted: z.number() }),
})

/** A workflow that was considered, with its score or why it was left out. */
export type Candidate = z.output<typeof candidateSchema>

/** All that were considered when workflows were listed. */
export interface Considered {
  readonly candidates: readonly Candidate[]
  /** How many more there were than the event has room for. */
  readonly omitted: number
}

/** The candidates in an event of listing; null where it has none of the kind that is known. */
export function candidatesOf({ details }: Pick<Event, 'details'>): Considered | null {
  const parsed = payloadSchema.safeParse(details)
  if (!parsed.success) return null
  const { candidates, candidatesOmitted } = parsed.data.payload
  return { candidates, omitted: candidatesOmitted }
}

const kindWords: Readonly<Record<string, string>> = {
  not_active: 'it is not active',
  action_type_not_active: 'its action type is not active',
  no_context: 'nothing was said of the situation',
}

/** Why a candidate was left out, in short. */
export function leftOutWords({ leftOut }: Pick<Candidate, 'leftOut'>): string {
  return leftOut
    .map(({ kind, label, has, wanted }) =>
      kind === 'label' ? `${told(label)} is ${told(has)}, wanted ${told(wanted)}` : (kindWords[kind] ?? kind),
    )
    .join('; ')
}

/** What an event says, as text. */
function told(value: unknown): string {
  if (Array.isArray(value)) return value.map(told).join(' or ')
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
}

/** A part of a score: from where to where it reaches, from 0 to 1. */
export interface ScorePart {
  readonly kind: 'base' | 'boost' | 'penalty'
  readonly label: string
  readonly from: number
  readonly to: number
}

const clamped = (value: number): number => Math.min(1, Math.max(0, value))

/**
 * The parts of a score one after another: the base, what labels added, and at its end what labels took away. Cut at 0
 * and at 1, as the score is; a part that is cut to nothing is left out.
 */
export function scoreParts(scoring: NonNullable<Candidate['scoring']>): readonly ScorePart[] {
  const parts: ScorePart[] = []
  let at = 0
  const add = (kind: ScorePart['kind'], label: string, amount: number): void => {
    const next = at + amount
    const [from, to] = [clamped(Math.min(at, next)), clamped(Math.max(at, next))]
    if (to > from) parts.push({ kind, label, from, to })
    at = next
  }
  add('base', 'base', scoring.base_similarity)
  for (const [label, boost] of Object.entries(scoring.boost_breakdown)) add('boost', label, boost)
  for (const [label, penalty] of Object.entries(scoring.penalty_breakdown))
    add('penalty', label, -Math.abs(penalty))
  return parts
}
