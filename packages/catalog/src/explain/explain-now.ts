import { considered } from '../discovery/candidates.ts'
import { foldedContext, type SignalContext } from '../match/signal-context.ts'
import { type Scoring, scoreWorkflow } from '../score/score-workflow.ts'
import type { CatalogSnapshot } from '../snapshot/catalog-snapshot.ts'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'
import { leftOutReason, outscoredReason, type Reason } from './reason.ts'

/** Where a workflow stands among those of its action type in a situation. */
export interface Standing {
  readonly offered: boolean
  /** 1 for the best of those offered; null when it is not. */
  readonly rank: number | null
  /** What it scores, whether or not it is offered. */
  readonly scoring: Scoring
  readonly reasons: readonly Reason[]
}

/** Where the workflow stands in the catalogue as it is: by the same code that lists workflows for agents. */
export function explainNow(
  workflow: CatalogWorkflow,
  context: SignalContext,
  snapshot: CatalogSnapshot,
): Standing {
  const situation = { said: context, folded: foldedContext(context) }
  const { weights } = snapshot.weights
  const ofType = snapshot.byActionType.get(workflow.actionType) ?? []
  const { offered, leftOut } = considered(ofType, situation, weights)
  const scoring = scoreWorkflow(workflow, situation.folded, weights)
  const refused = leftOut.find((one) => one.workflow.workflowId === workflow.workflowId)
  if (refused) return { offered: false, rank: null, scoring, reasons: refused.reasons.map(leftOutReason) }
  const place = offered.findIndex((one) => one.workflow.workflowId === workflow.workflowId)
  const [best] = offered
  const outscored =
    place > 0 && best
      ? [outscoredReason({ ...workflow, scoring }, { ...best.workflow, scoring: best.scoring })]
      : []
  return { offered: true, rank: place + 1, scoring, reasons: outscored }
}
