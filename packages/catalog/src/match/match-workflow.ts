import { type GateLabel, gateLabels } from '@steptrail/workflow'
import { anyValue } from '../content/label-text.ts'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'
import type { SignalContext } from './signal-context.ts'
import { type FoldedContext, isWithoutContext } from './signal-context.ts'

/** Why a workflow is not offered. */
export type LeftOut =
  | { readonly kind: 'not_active'; readonly status: string; readonly disabledReason: string | null }
  | { readonly kind: 'action_type_not_active'; readonly actionType: string }
  | { readonly kind: 'no_context' }
  | {
      readonly kind: 'label'
      readonly label: GateLabel
      /** What was asked for; null where the caller did not say. */
      readonly wanted: string | null
      readonly has: readonly string[]
    }

/** How a label of a workflow fits: by its value, by `*`, or not. */
export type LabelFit = 'exact' | 'any' | 'none'

/** How one label fits. What the caller did not say fits `*` alone. A `*` that the caller says is a value like others. */
export function fitOf(workflow: CatalogWorkflow, label: GateLabel, context: FoldedContext): LabelFit {
  const has = workflow.folded.labels[label]
  const wanted = context.gate[label]
  if (wanted !== null && wanted !== anyValue && has.has(wanted)) return 'exact'
  return has.has(anyValue) ? 'any' : 'none'
}

/** A context in both its forms. */
export interface Situation {
  readonly said: SignalContext
  readonly folded: FoldedContext
}

/**
 * Every reason for which the workflow is not offered in a situation; none when it is. Every step, the gate and why-not
 * ask this function and no other.
 */
export function reasonsLeftOut(workflow: CatalogWorkflow, situation: Situation): readonly LeftOut[] {
  const reasons: LeftOut[] = [...reasonsNotActive(workflow)]
  if (isWithoutContext(situation.said)) return [...reasons, { kind: 'no_context' }]
  for (const label of gateLabels)
    if (fitOf(workflow, label, situation.folded) === 'none')
      reasons.push({
        kind: 'label',
        label,
        wanted: situation.said[label] ?? null,
        has: workflow.labels[label],
      })
  return reasons
}

/** Why it is offered nowhere. */
export function reasonsNotActive(workflow: CatalogWorkflow): readonly LeftOut[] {
  const { status, disabledReason, actionType, actionTypeIsActive } = workflow
  return [
    ...(status === 'active' ? [] : [{ kind: 'not_active', status, disabledReason } as const]),
    ...(actionTypeIsActive ? [] : [{ kind: 'action_type_not_active', actionType } as const]),
  ]
}

/** Whether the workflow is offered in a situation. */
export function isOffered(workflow: CatalogWorkflow, situation: Situation): boolean {
  if (workflow.status !== 'active' || !workflow.actionTypeIsActive) return false
  if (isWithoutContext(situation.said)) return false
  return gateLabels.every((label) => fitOf(workflow, label, situation.folded) !== 'none')
}
