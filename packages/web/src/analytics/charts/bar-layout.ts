import type { ChartTone, Part } from './chart-spec.ts'

/** A stretch of a bar: from where to where, on the scale of the numbers. */
export interface Stretch {
  readonly label: string
  readonly tone: ChartTone
  readonly from: number
  readonly to: number
}

/** The parts of a row one after another, each beginning where the one before ends; those that are nothing are left out. */
export function stretchesOf<Row>(
  row: Row,
  parts: readonly (Omit<Part, 'valueOf'> & { readonly valueOf: (row: Row) => number })[],
): readonly Stretch[] {
  const stretches: Stretch[] = []
  let at = 0
  for (const part of parts) {
    const to = at + part.valueOf(row)
    if (to > at) stretches.push({ label: part.label, tone: part.tone, from: at, to })
    at = to
  }
  return stretches
}

/** Where the longest of some bars ends; 1 when there is none, so that a scale has a length. */
export const longestOf = (bars: readonly (readonly Stretch[])[]): number =>
  Math.max(0, ...bars.map((stretches) => stretches.at(-1)?.to ?? 0)) || 1
