/** The value that a share of the values (0 to 1) does not exceed; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** The middle one; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)] ?? Number.NaN
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper
}

/** Rounded to so many decimals, for reading. */
export const rounded = (value: number, decimals = 1): number => Number(value.toFixed(decimals))

/** A figure, and the bounds between which nine in ten of the resamples of its samples lie. */
export interface Estimate {
  readonly value: number
  readonly from: number
  readonly to: number
}

const resamples = 200

/**
 * How much greater a percentile (a share, 0 to 1) of `ours` is than that of `theirs`. Values come in blocks that were
 * measured together, and are resampled by block (the bootstrap of Efron, for blocks), so that a moment in which the
 * machine was slow counts as one thing and not as many.
 */
export function differenceOfPercentiles(
  ours: readonly (readonly number[])[],
  theirs: readonly (readonly number[])[],
  share: number,
): Estimate {
  const between = (one: readonly number[], other: readonly number[]): number =>
    percentile(one, share) - percentile(other, share)
  const resampled = Array.from({ length: resamples }, () => between(drawn(ours), drawn(theirs)))
  return {
    value: between(ours.flat(), theirs.flat()),
    from: percentile(resampled, 0.05),
    to: percentile(resampled, 0.95),
  }
}

const drawn = (blocks: readonly (readonly number[])[]): readonly number[] =>
  blocks.flatMap(() => blocks[Math.floor(Math.random() * blocks.length)] ?? [])
