import type { EventToWrite, StoredExecutionAudit } from '@steptrail/core'
import { uuidV7 } from '@steptrail/event'
import { Chance } from '../chance.ts'
import type { SimulatedExecution } from '../simulated-execution.ts'
import { type HistoryWorkflow, historyWorkflows } from './history-workflows.ts'
import { simulateExecution } from './simulate-execution.ts'
import { simulateSelection } from './simulate-selection.ts'

/** An execution of a history: what it leaves on record. */
export interface HistoryExecution {
  readonly events: readonly EventToWrite[]
  readonly audits: readonly StoredExecutionAudit[]
}

/** What happened in a time, and what runs in it. */
export interface SimulatedHistory {
  readonly definitions: readonly HistoryWorkflow['definition'][]
  readonly executions: readonly HistoryExecution[]
  /** Events of choosing workflows. */
  readonly selections: readonly EventToWrite[]
}

/** How much happens, when, and by which chance. */
export interface HistoryOptions {
  readonly seed: number
  readonly executions: number
  /** Milliseconds since 1970. */
  readonly fromMs: number
  readonly untilMs: number
}

/**
 * A history as it might have been, the same for the same seed but for its ids: several workflows for two tenants, one
 * with a new version, durations that drift, bursts of failure, retries, rollbacks, some of which fail and are taken up
 * again, cancels, adjustments, and selections that led to some of it. The deciding is the real one.
 */
export function simulateHistory(options: HistoryOptions): SimulatedHistory {
  const chance = new Chance(options.seed)
  const stories = Array.from({ length: options.executions }, (_, index) => {
    const share = (index + chance.next()) / options.executions
    return storyAt(share, options, chance)
  })
  return {
    definitions: historyWorkflows.map(({ definition }) => definition),
    executions: stories.map(({ execution }) => execution),
    selections: stories.flatMap(({ selection }) => selection),
  }
}

function storyAt(share: number, { fromMs, untilMs }: HistoryOptions, chance: Chance) {
  const running = historyWorkflows.filter(({ from, until }) => share >= from && share < until)
  const workflow = running[chance.whole(0, running.length - 1)] ?? running[0]
  if (!workflow) throw new Error(`nothing runs at ${share}`)
  const now = Math.floor(fromMs + share * (untilMs - fromMs))
  const tenant = chance.next() < 0.7 ? 'default' : 'acme'
  const correlationId = `rr-${now}-${chance.whole(0, 999_999)}`
  const selection =
    chance.next() < 0.2 ? simulateSelection({ workflow, correlationId, now, tenant }, chance) : []
  const simulated = simulateExecution({ workflow, correlationId, now, share }, chance)
  return { selection, execution: recordOf(simulated, tenant) }
}

function recordOf({ snapshot, events, audits }: SimulatedExecution, tenant: string): HistoryExecution {
  const { executionId, definition, correlationId } = snapshot
  return {
    events: events.map(({ actor, parent: _, ...event }) => ({
      ...event,
      id: uuidV7(event.timestamp),
      timestamp: new Date(event.timestamp).toISOString(),
      executionId,
      workflowName: definition.name,
      workflowVersion: definition.version,
      correlationId,
      actorType: actor?.type ?? null,
      actorId: actor?.id ?? null,
      tenant,
    })),
    audits: audits.map((audit) => {
      const createdAt = audit.completedAt ?? ''
      return { ...audit, id: uuidV7(Date.parse(createdAt)), createdAt, tenant }
    }),
  }
}
