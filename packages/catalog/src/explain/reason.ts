import type { LeftOut } from '../match/match-workflow.ts'
import { sentenceOf } from '../match/reason-sentence.ts'
import type { Scoring } from '../score/score-workflow.ts'
import { differenceSentence, differencesOf, type ScoreDifference, shown } from './outscored.ts'

/** A workflow, as reasons name it. */
export interface NamedWorkflow {
  readonly workflowId: string
  readonly workflowName: string
  readonly version: string
}

/** What kept a workflow out, or down, in words and in detail. */
export type Reason = { readonly message: string } & (
  | LeftOut
  | {
      readonly kind: 'action_type_not_listed'
      readonly actionType: string
      readonly listed: readonly string[]
    }
  | { readonly kind: 'registered_later'; readonly registeredAt: string }
  | {
      readonly kind: 'outscored'
      readonly by: NamedWorkflow
      readonly difference: number
      readonly because: readonly ScoreDifference[]
    }
  | { readonly kind: 'beyond_the_page'; readonly rank: number; readonly shown: number }
  | { readonly kind: 'refused'; readonly step: 'workflow_retrieved' | 'selection_validated' }
  | { readonly kind: 'another_chosen'; readonly chosen: NamedWorkflow }
)

/** What left it out, in words. */
export const leftOutReason = (reason: LeftOut): Reason => ({ ...reason, message: sentenceOf(reason) })

/** A workflow and its score. */
export interface Scored extends NamedWorkflow {
  readonly scoring: Scoring
}

/** What made another better; of two that are equally good the id decides. */
export function outscoredReason(mine: Scored, by: Scored): Reason {
  const difference = Math.round((by.scoring.confidence - mine.scoring.confidence) * 1e6) / 1e6
  const because = differencesOf(mine.scoring, by.scoring)
  const { workflowId, workflowName, version } = by
  const why = because.map(differenceSentence).join('; ')
  return {
    kind: 'outscored',
    by: { workflowId, workflowName, version },
    difference,
    because,
    message:
      difference === 0
        ? `It scores as high as ${workflowName} ${version}, whose id comes first.`
        : `Outscored by ${workflowName} ${version} by ${shown(difference)}: ${why}.`,
  }
}
