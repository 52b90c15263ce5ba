import { gateLabels } from '@steptrail/workflow'
import { anyValue } from '../content/label-text.ts'
import { fitOf } from '../match/match-workflow.ts'
import type { FoldedContext } from '../match/signal-context.ts'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'
import type { ScoreWeights } from './weights.ts'

/** A score and all that it was made from. */
export interface Scoring {
  /** The score: from 0 to 1. */
  readonly confidence: number
  readonly base_similarity: number
  readonly label_boost: number
  readonly label_penalty: number
  readonly boost_breakdown: Readonly<Record<string, number>>
  readonly penalty_breakdown: Readonly<Record<string, number>>
}

/** What a score is made from. */
export interface ScoreParts {
  readonly base: number
  readonly boosts: Readonly<Record<string, number>>
  readonly penalties: Readonly<Record<string, number>>
}

/** `clamp01(base + Σ boosts − Σ penalties)`, with what went into it; to six decimals. */
export function scoringOf({ base, boosts, penalties }: ScoreParts): Scoring {
  const boost = sum(boosts)
  const penalty = sum(penalties)
  return {
    confidence: rounded(Math.min(1, Math.max(0, base + boost - penalty))),
    base_similarity: rounded(base),
    label_boost: rounded(boost),
    label_penalty: rounded(penalty),
    boost_breakdown: boosts,
    penalty_breakdown: penalties,
  }
}

/** The score of a workflow in a situation, whether or not it is offered in it. */
export function scoreWorkflow(
  workflow: CatalogWorkflow,
  context: FoldedContext,
  weights: ScoreWeights,
): Scoring {
  return scoringOf({ base: baseOf(workflow, context, weights), ...movesOf(workflow, context, weights) })
}

/** What labels add and take, custom and detected ones and those of the gate that the weights name. */
export function movesOf(
  workflow: CatalogWorkflow,
  context: FoldedContext,
  { boosts, penalties }: ScoreWeights,
): Pick<ScoreParts, 'boosts' | 'penalties'> {
  const moves = { boosts: {} as Record<string, number>, penalties: {} as Record<string, number> }
  const move = (label: string, fits: boolean, weight = 0): void => {
    if (weight > 0) (fits ? moves.boosts : moves.penalties)[label] = weight
  }
  for (const label of gateLabels) {
    const fit = fitOf(workflow, label, context)
    if (fit === 'exact') move(label, true, boosts[label])
    if (fit === 'none' && context.gate[label] !== null) move(label, false, penalties[label])
  }
  const { custom, detected } = workflow.folded
  for (const [label, has] of custom) {
    const wanted = context.custom.get(label)
    if (wanted === undefined || (has.has(anyValue) && !has.has(wanted))) continue
    move(label, has.has(wanted), weightOf(has.has(wanted) ? boosts : penalties, label))
  }
  for (const [label, has] of detected) {
    const found = context.detected.get(label)
    if (found === undefined) continue
    move(label, found === has, weightOf(found === has ? boosts : penalties, label))
  }
  return moves
}

/** The floor, and more for each label that fits by its value. */
const baseOf = (workflow: CatalogWorkflow, context: FoldedContext, { base }: ScoreWeights): number =>
  gateLabels.reduce(
    (total, label) => total + (fitOf(workflow, label, context) === 'exact' ? base[label] : 0),
    base.floor,
  )

const weightOf = (weights: Readonly<Record<string, number>>, label: string): number | undefined =>
  Object.hasOwn(weights, label) ? weights[label] : weights[anyValue]

const sum = (parts: Readonly<Record<string, number>>): number =>
  Object.values(parts).reduce((total, part) => total + part, 0)

/** Without what binary fractions add: 0.1 + 0.08 is 0.18. */
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6
