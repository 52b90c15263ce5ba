import type { AuditEvent } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import type { LeftOut } from '../match/match-workflow.ts'
import type { Scoring } from '../score/score-workflow.ts'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'
import { isObject, isStep, payloadOf } from '../selection/selection-events.ts'
import { leftOutReason, type NamedWorkflow, outscoredReason, type Reason, type Scored } from './reason.ts'

/** Where a workflow stood when it was considered, as the event of that moment tells. */
export interface RecordedStanding {
  readonly offered: boolean
  readonly rank: number | null
  readonly scoring: Scoring | null
  readonly reasons: readonly Reason[]
}

/** The last time that the workflows of this action type were listed. */
export const listingOf = (events: readonly AuditEvent[], actionType: string): AuditEvent | undefined =>
  events.findLast(
    (event) => isStep(event, 'workflows_listed') && payloadOf(event)['actionType'] === actionType,
  )

/** What the event of a listing says of the workflow; null where it does not name it. */
export function explainRecorded(workflow: CatalogWorkflow, listing: AuditEvent): RecordedStanding | null {
  const { candidates } = payloadOf(listing)
  if (!Array.isArray(candidates)) return null
  const all = candidates.filter(isObject)
  const mine = all.find(({ workflowId }) => workflowId === workflow.workflowId)
  if (!mine) return null
  const leftOut = Array.isArray(mine['leftOut']) ? (mine['leftOut'] as unknown as readonly LeftOut[]) : []
  if (leftOut.length > 0)
    return { offered: false, rank: null, scoring: null, reasons: leftOut.map(leftOutReason) }
  const place = all.indexOf(mine)
  const best = scoredOf(all[0])
  const me = scoredOf(mine)
  const outscored = place > 0 && best && me ? [outscoredReason(me, best)] : []
  return { offered: true, rank: place + 1, scoring: me?.scoring ?? null, reasons: outscored }
}

/** What became of the workflow after it had been considered: not shown, refused, or passed over for another. */
export function reasonsAfterwards(
  workflow: NamedWorkflow & { readonly actionType: string },
  rank: number | null,
  events: readonly AuditEvent[],
): readonly Reason[] {
  const shown = Math.max(0, ...events.filter((event) => isListing(event, workflow.actionType)).map(lastShown))
  const beyond: readonly Reason[] =
    rank !== null && rank > shown
      ? [
          {
            kind: 'beyond_the_page',
            rank,
            shown,
            message: `It was number ${rank}, and the agent asked for the first ${shown}.`,
          },
        ]
      : []
  return [...beyond, ...refusals(workflow, events), ...otherChoice(workflow, events)]
}

const isListing = (event: AuditEvent, actionType: string): boolean =>
  isStep(event, 'workflows_listed') && payloadOf(event)['actionType'] === actionType

/** How far into the list the agent has looked. */
function lastShown(event: AuditEvent): number {
  const { pagination, resultCount } = payloadOf(event)
  const offset = isObject(pagination) ? Number(pagination['offset']) : 0
  return Number(resultCount) === 0 ? 0 : offset + Number(resultCount)
}

function refusals({ workflowId }: NamedWorkflow, events: readonly AuditEvent[]): readonly Reason[] {
  return (['workflow_retrieved', 'selection_validated'] as const).flatMap((step) => {
    const refused = events.findLast(
      (event) =>
        isStep(event, step) && event.status === 'FAILED' && payloadOf(event)['workflowId'] === workflowId,
    )
    if (!refused) return []
    const what = step === 'workflow_retrieved' ? 'looked at' : 'validated'
    return [
      {
        kind: 'refused' as const,
        step,
        message: `It was refused when it was ${what}: ${refused.reason ?? ''}`,
      },
    ]
  })
}

function otherChoice({ workflowId }: NamedWorkflow, events: readonly AuditEvent[]): readonly Reason[] {
  const choice = events.findLast(
    (event) => isStep(event, 'selection_validated') && event.status === 'SUCCESS',
  )
  const chosen = choice && namedOf(payloadOf(choice))
  if (!chosen || chosen.workflowId === workflowId) return []
  const message = `${chosen.workflowName} ${chosen.version} was chosen.`
  return [{ kind: 'another_chosen', chosen, message }]
}

/** The workflow that a payload names; null where it names none that exists. */
export function namedOf(payload: Readonly<Record<string, Json>>): NamedWorkflow | null {
  const { workflowId, workflowName, version } = payload
  if (typeof workflowId !== 'string' || typeof workflowName !== 'string' || typeof version !== 'string')
    return null
  return { workflowId, workflowName, version }
}

function scoredOf(candidate: { readonly [key: string]: Json } | undefined): Scored | null {
  const named = candidate && namedOf(candidate)
  const scoring = candidate?.['scoring']
  return named && isObject(scoring) ? { ...named, scoring: scoring as unknown as Scoring } : null
}
