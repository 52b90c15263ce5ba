import { listEvents, listExecutionAudits, type Reader, type StoredExecutionAudit } from '@steptrail/core'
import type { AuditEvent } from '@steptrail/event'
import { selectionNotFound } from '../explain/why-not.ts'
import type { NamedWorkflow } from '../explain/reason.ts'
import type { SignalContext } from '../match/signal-context.ts'
import { contextOf, selectionEvents } from './selection-events.ts'
import { chosenOf, outcomeSentence, type Passage, passagesOfSelection } from './story.ts'

/** What was executed for a selection. */
export interface ExecutedWorkflow {
  readonly executionId: string
  readonly workflowName: string
  readonly workflowVersion: string
  readonly startedAt: string
  /** Whether it is what was chosen, with the parameters that were valid; null where nothing was chosen. */
  readonly isTheChosen: boolean | null
  /** How it went; null as long as it has not ended. */
  readonly outcome: string | null
  readonly effectivenessScore: number | null
}

/** The whole story of a selection. */
export interface SelectionReplay {
  readonly remediationId: string
  /** The situation as it was given last. */
  readonly context: SignalContext | null
  /** The workflow that was chosen last with valid parameters; null where none was. */
  readonly chosen: NamedWorkflow | null
  /** Calls that were refused. */
  readonly refusedCalls: number
  readonly executions: readonly ExecutedWorkflow[]
  readonly passages: readonly Passage[]
}

/**
 * Tells a selection from its events: asked, offered, looked at, chosen, validated, executed, and what came of it.
 *
 * @throws TrailError `selection_not_found`
 */
export async function replaySelection(
  reader: Reader,
  remediationId: string,
  tenant: string,
): Promise<SelectionReplay> {
  const events = await selectionEvents(reader, remediationId, tenant)
  if (events.length === 0) throw selectionNotFound(remediationId)
  const asked = { correlationId: remediationId, tenant, order: 'asc', limit: 100 } as const
  const { items: starts } = await listEvents(reader, { ...asked, eventType: 'ORCHESTRATION_STARTED' })
  const { items: audits } = await listExecutionAudits(reader, { remediationId, tenant, limit: 100 })
  const chosen = chosenOf(events)
  const passages = [...passagesOfSelection(events), ...starts.map(executed), ...audits.map(ended)]
  return {
    remediationId,
    context: events.map(contextOf).findLast((context) => context !== null) ?? null,
    chosen: chosen && {
      workflowId: chosen.workflowId,
      workflowName: chosen.workflowName,
      version: chosen.version,
    },
    refusedCalls: events.filter(({ status }) => status === 'FAILED').length,
    executions: starts.map((start) => executionOf(start, audits, chosen)),
    passages: passages.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
  }
}

const executed = (start: AuditEvent): Passage => ({
  at: start.timestamp,
  kind: 'executed',
  sentence: `${start.workflowName ?? ''} ${start.workflowVersion ?? ''} was started.`,
  actor: start.actorType && start.actorId ? { type: start.actorType, id: start.actorId } : null,
  eventId: start.id,
  executionId: start.executionId,
})

const ended = (audit: StoredExecutionAudit): Passage => ({
  at: audit.completedAt ?? audit.createdAt,
  kind: 'outcome',
  sentence: outcomeSentence(audit),
  actor: null,
  eventId: audit.id,
  executionId: audit.executionId,
})

function executionOf(
  start: AuditEvent,
  audits: readonly StoredExecutionAudit[],
  chosen: ReturnType<typeof chosenOf>,
): ExecutedWorkflow {
  const { executionId, workflowName, workflowVersion, details } = start
  // Audits come with the newest first, and the last end counts.
  const audit = audits.find((one) => one.executionId === executionId)
  const isTheChosen =
    chosen &&
    workflowName === chosen.workflowName &&
    workflowVersion === chosen.version &&
    (chosen.parametersDigest === null || details?.['inputDigest'] === chosen.parametersDigest)
  return {
    executionId: executionId ?? '',
    workflowName: workflowName ?? '',
    workflowVersion: workflowVersion ?? '',
    startedAt: start.timestamp,
    isTheChosen,
    outcome: audit?.outcome ?? null,
    effectivenessScore: audit?.effectivenessScore ?? null,
  }
}
