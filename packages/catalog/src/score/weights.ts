import { valuesByName } from '@steptrail/event'
import { z } from 'zod'
import { ofEachGateLabel } from '../content/gate-labels.ts'
import { anyValue, folded, lineOfText } from '../content/label-text.ts'

const weight = z.number('is not a number').min(0, 'is less than 0').max(1, 'is more than 1')
const byLabel = valuesByName(lineOfText(100), weight, 'is not an object of numbers by label').transform(
  (weights) => Object.fromEntries(Object.entries(weights).map(([name, value]) => [folded(name), value])),
)

/** What labels weigh, each from 0 to 1. */
export const weightsSchema = z.strictObject({
  base: z.strictObject({
    /** What a workflow has that fits by `*` alone. */
    floor: weight,
    ...ofEachGateLabel(() => weight),
  }),
  boosts: byLabel,
  penalties: byLabel,
})

/**
 * What labels weigh. `base` adds to its floor for each label that fits by its value and not by `*`. `boosts` are for
 * labels that fit, `penalties` for those that contradict; `*` in them stands for every custom and detected label that
 * is not named.
 */
export type ScoreWeights = z.output<typeof weightsSchema>

/** Weights under the number by which events name them. */
export interface VersionedWeights {
  readonly version: number
  readonly weights: ScoreWeights
}

/** Version 1: what counts as long as nobody has said otherwise. */
export const builtInWeights: VersionedWeights = {
  version: 1,
  weights: {
    base: { floor: 0.4, severity: 0.12, component: 0.12, environment: 0.12, priority: 0.12 },
    boosts: { 'resource-management': 0.1, environment: 0.08, [anyValue]: 0.05 },
    penalties: { 'resource-management': 0.1, environment: 0.08, [anyValue]: 0.05 },
  },
}
