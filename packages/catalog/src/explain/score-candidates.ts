import { considered } from '../discovery/candidates.ts'
import { foldedContext, type SignalContext } from '../match/signal-context.ts'
import { type Scoring, scoreWorkflow } from '../score/score-workflow.ts'
import type { CatalogSnapshot } from '../snapshot/catalog-snapshot.ts'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'
import { leftOutReason, type NamedWorkflow, outscoredReason, type Reason } from './reason.ts'

/** A workflow as it stands in a situation. */
export interface ScoredCandidate extends NamedWorkflow {
  readonly actionType: string
  readonly title: string
  readonly offered: boolean
  /** 1 for the best of its action type; null when it is not offered. */
  readonly rank: number | null
  readonly scoring: Scoring
  readonly reasons: readonly Reason[]
}

/**
 * Workflows as they stand in a situation, for operators: first those offered, the best first, then those left out, each
 * with its score and what kept it out or down. Of one action type, or of all, one after the other.
 */
export function scoreCandidates(
  snapshot: CatalogSnapshot,
  context: SignalContext,
  actionType?: string,
): readonly ScoredCandidate[] {
  const types = actionType === undefined ? [...snapshot.actionTypes.keys()] : [actionType]
  return types.flatMap((type) => ofActionType(snapshot, context, snapshot.byActionType.get(type) ?? []))
}

function ofActionType(
  { weights: { weights } }: CatalogSnapshot,
  context: SignalContext,
  workflows: readonly CatalogWorkflow[],
): readonly ScoredCandidate[] {
  const folded = foldedContext(context)
  const { offered, leftOut } = considered(workflows, { said: context, folded }, weights)
  const best = offered[0] && { ...offered[0].workflow, scoring: offered[0].scoring }
  return [
    ...offered.map(({ workflow, scoring }, index) => ({
      ...about(workflow),
      offered: true,
      rank: index + 1,
      scoring,
      reasons: index > 0 && best ? [outscoredReason({ ...workflow, scoring }, best)] : [],
    })),
    ...leftOut.map(({ workflow, reasons }) => ({
      ...about(workflow),
      offered: false,
      rank: null,
      scoring: scoreWorkflow(workflow, folded, weights),
      reasons: reasons.map(leftOutReason),
    })),
  ]
}

const about = ({ workflowId, workflowName, version, actionType, title }: CatalogWorkflow) => ({
  workflowId,
  workflowName,
  version,
  actionType,
  title,
})
