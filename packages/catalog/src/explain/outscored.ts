import type { Scoring } from '../score/score-workflow.ts'

/** A part of a score in which two workflows differ. */
export interface ScoreDifference {
  readonly part: 'base' | 'boost' | 'penalty'
  /** The label; null for the base. */
  readonly label: string | null
  readonly mine: number
  readonly theirs: number
}

/** What makes two scores differ, the largest difference first. */
export function differencesOf(mine: Scoring, theirs: Scoring): readonly ScoreDifference[] {
  const base = {
    part: 'base',
    label: null,
    mine: mine.base_similarity,
    theirs: theirs.base_similarity,
  } as const
  return [
    base,
    ...byLabel('boost', mine.boost_breakdown, theirs.boost_breakdown),
    ...byLabel('penalty', mine.penalty_breakdown, theirs.penalty_breakdown),
  ]
    .filter((one) => one.mine !== one.theirs)
    .toSorted((a, b) => Math.abs(b.mine - b.theirs) - Math.abs(a.mine - a.theirs))
}

function byLabel(
  part: 'boost' | 'penalty',
  mine: Readonly<Record<string, number>>,
  theirs: Readonly<Record<string, number>>,
): readonly ScoreDifference[] {
  const labels = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])].toSorted()
  const of = (parts: Readonly<Record<string, number>>, label: string): number =>
    Object.hasOwn(parts, label) ? (parts[label] ?? 0) : 0
  return labels.map((label) => ({ part, label, mine: of(mine, label), theirs: of(theirs, label) }))
}

/** The difference in words. */
export const differenceSentence = ({ part, label, mine, theirs }: ScoreDifference): string =>
  part === 'base'
    ? `its labels fit less exactly (base ${shown(mine)} against ${shown(theirs)})`
    : `${part} for ${label} ${shown(mine)} against ${shown(theirs)}`

/** Two decimals, or as many as there are. */
export const shown = (score: number): string =>
  Math.abs(score * 100 - Math.round(score * 100)) < 1e-9 ? score.toFixed(2) : String(score)
