import { type Database, getExecutionEvents, ObservationRecorder } from '@steptrail/core'
import { type Actor, type AuditEvent, TrailError } from '@steptrail/event'
import type { Asked } from './actor.ts'
import type { History } from './history-event.ts'
import { observationsOf } from './observations-of.ts'
import type { ProjectionOptions } from './projection.ts'
import { engineOfRun, temporalExecutionId } from './run.ts'
import { requestIn } from './workflow-events.ts'

/** How a history is put on record. */
export interface ImportOptions extends Omit<ProjectionOptions, 'cancelAsked'> {
  /** The namespace that it is from; `default` unless given. */
  readonly namespace?: string | undefined
  /** Whose the execution is; `default` unless given. */
  readonly tenant?: string | undefined
}

/** What became of a history. */
export interface Imported {
  /** The run's id in the trail. */
  readonly executionId: string
  readonly workflowId: string
  readonly runId: string
  /** How many events the history has. */
  readonly historyEvents: number
  /** How much of what it tells was new. */
  readonly recorded: number
}

/**
 * Puts a history on record, in one transaction, all of it or nothing. What is on record stays as it is: imported twice it
 * is there once, and one that has grown goes on where it ended.
 *
 * @throws TrailError as `ObservationRecorder.recordHistory`
 */
export async function importHistory(
  database: Database,
  history: History,
  options: ImportOptions = {},
): Promise<Imported> {
  const imported = await importPart(database, history, options)
  if (imported === null) throw new Error(`a whole history was refused as a part of ${history.workflowId}`)
  return imported
}

/** The same for what follows the part that was read before; null when that is not on record, and nothing was put there. */
export async function importPart(
  database: Database,
  history: History,
  options: ImportOptions,
): Promise<Imported | null> {
  const { workflowId, runId, events, earlier } = history
  const run = { namespace: options.namespace, workflowId, runId }
  const executionId = temporalExecutionId(run)
  const recorder = new ObservationRecorder(database, {
    engine: engineOfRun(run),
    serviceName: options.serviceName ?? 'temporal',
    tenant: options.tenant,
  })
  const cancelAsked = isCancelled(history) ? await askedOnRecord(database, executionId) : null
  const recorded = await recorder.recordHistory(observationsOf(history, { ...options, cancelAsked }))
  const historyEvents = (earlier?.through ?? 0) + events.length
  return recorded === null ? null : { executionId, workflowId, runId, historyEvents, recorded }
}

const isCancelled = (history: History): boolean => requestIn({ history }) !== null

/** Who asked to cancel it, as the client's interceptor had it put on record. */
async function askedOnRecord(database: Database, executionId: string): Promise<Asked | null> {
  const events = await eventsOf(database, executionId)
  const request = events.find(
    ({ eventType, details }) => eventType === 'ORCHESTRATION_SIGNALLED' && details?.['signal'] === 'cancel',
  )
  if (!request) return null
  const { actorType: type, actorId: id, reason } = request
  const actor: Actor | null = type !== null && id !== null ? { type, id } : null
  return { actor, reason }
}

async function eventsOf(database: Database, executionId: string): Promise<readonly AuditEvent[]> {
  try {
    return await getExecutionEvents(database, executionId)
  } catch (error) {
    if (error instanceof TrailError && error.code === 'execution_not_found') return []
    throw error
  }
}
