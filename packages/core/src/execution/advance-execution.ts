import type { AuditEvent } from '@steptrail/event'
import {
  type DecisionEnvironment,
  type DerivedEvent,
  type ExecutionAudit,
  type ExecutionSnapshot,
  type Move,
  type StepSnapshot,
  transit,
  type Transition,
} from '@steptrail/workflow'
import type { StoredExecutionAudit } from '../execution-audit/audit-rows.ts'
import type { CommittedPartitions } from '../partition/ensure-partitions.ts'
import { isoOf } from './instant.ts'
import type { LoadedExecution, StepRecord } from './loaded-execution.ts'

/** A transition with its place in the step's history. */
export interface NumberedTransition extends Transition {
  /** 1, 2, 3 … without gaps within a step. */
  readonly sortKey: number
  /** When it happened, in milliseconds since 1970, where that is not when it is written. */
  readonly at?: number
}

/** An event as it will be stored; the columns that are not named are null or the database's default. */
export type RuntimeEvent = Pick<
  AuditEvent,
  | 'id'
  | 'timestamp'
  | 'eventType'
  | 'entityType'
  | 'status'
  | 'severity'
  | 'serviceName'
  | 'executionId'
  | 'executionSeq'
  | 'workflowName'
  | 'workflowVersion'
  | 'stepName'
  | 'stepId'
  | 'operationType'
  | 'durationMs'
  | 'retryCount'
  | 'correlationId'
  | 'parentEventId'
  | 'actorType'
  | 'actorId'
  | 'reason'
  | 'message'
  | 'details'
  | 'tenant'
>

/** A step after its moves, and what it was before, so that the writer can compare and set. */
export interface AdvancedStep {
  readonly before: StepRecord | null
  readonly after: StepSnapshot
  readonly record: StepRecord
}

/** An execution after its moves, with everything that these leave on record. */
export interface AdvancedExecution {
  readonly loaded: LoadedExecution
  readonly after: ExecutionSnapshot
  /** Only the steps that changed. */
  readonly steps: readonly AdvancedStep[]
  readonly transitions: readonly NumberedTransition[]
  readonly events: readonly RuntimeEvent[]
  /** One for each time that it ended. */
  readonly audits: readonly StoredExecutionAudit[]
  /** When it started and when it last moved, in milliseconds since 1970, where that is not when it is written. */
  readonly times?: { readonly startedAt: number | null; readonly movedAt: number | null }
}

/** The execution as it is once what was advanced is written, which gave it this version. */
export const writtenExecution = (
  { loaded, after, steps }: AdvancedExecution,
  version: string,
): LoadedExecution => ({
  tenant: loaded.tenant,
  version,
  snapshot: after,
  records: new Map([
    ...loaded.records,
    ...steps.map(({ after: step, record }) => [step.stepId, record] as const),
  ]),
})

/** What advancing gets from outside. */
export interface AdvanceEnvironment extends DecisionEnvironment {
  /** A UUIDv7 whose first 48 bits are this instant. */
  readonly eventId: (timestampMs: number) => string
  /** Partitions that are known to be there; the database is asked for the others. */
  readonly partitions?: CommittedPartitions
}

/**
 * Makes the moves of one execution in memory: numbers its transitions, and turns what follows from them into
 * events with ids and parents. Nothing is written.
 *
 * @throws TrailError `illegal_transition`
 */
export function advanceExecution(
  loaded: LoadedExecution,
  moves: readonly Move[],
  environment: AdvanceEnvironment,
): AdvancedExecution {
  const records = new Map(loaded.records)
  const touched = new Set<string>()
  const transitions: NumberedTransition[] = []
  const events: RuntimeEvent[] = []
  const audits: StoredExecutionAudit[] = []
  let current = loaded.snapshot
  let outcomeId: string | null = null
  for (const move of moves) {
    const { execution, transition, events: derived, audit } = transit(current, move, environment)
    current = execution
    if (audit) audits.push(storedAudit(audit, loaded, environment))
    if (transition) {
      const record = records.get(transition.stepId) ?? unwritten
      const sortKey = record.lastSortKey + 1
      transitions.push({ ...transition, sortKey })
      records.set(transition.stepId, { ...record, lastSortKey: sortKey })
      touched.add(transition.stepId)
    }
    for (const event of derived) {
      const parentEventId = parentOf(event, records, outcomeId)
      const stored = storedEvent(event, { loaded, parentEventId, id: environment.eventId(event.timestamp) })
      events.push(stored)
      if (event.eventType !== 'STEP_STARTED') outcomeId = stored.id
      if (event.stepId !== null) {
        records.set(event.stepId, { ...(records.get(event.stepId) ?? unwritten), lastEventId: stored.id })
        touched.add(event.stepId)
      }
    }
  }
  return {
    loaded,
    after: current,
    transitions,
    events,
    audits,
    steps: current.steps
      .filter((step) => touched.has(step.stepId))
      .map((after) => ({
        after,
        before: loaded.records.get(after.stepId) ?? null,
        record: records.get(after.stepId) ?? unwritten,
      })),
  }
}

const unwritten: StepRecord = { lastEventId: null, lastSortKey: 0 }

function parentOf(
  event: DerivedEvent,
  records: ReadonlyMap<string, StepRecord>,
  outcomeId: string | null,
): string | null {
  if (event.parent === 'none') return null
  const ofStep = event.stepId === null ? null : (records.get(event.stepId)?.lastEventId ?? null)
  return event.parent === 'step' ? ofStep : (outcomeId ?? ofStep)
}

const storedAudit = (
  audit: ExecutionAudit,
  { tenant }: LoadedExecution,
  { now, eventId }: AdvanceEnvironment,
): StoredExecutionAudit => ({ ...audit, id: eventId(now), createdAt: isoOf(now), tenant })

function storedEvent(
  event: DerivedEvent,
  { loaded, parentEventId, id }: { loaded: LoadedExecution; parentEventId: string | null; id: string },
): RuntimeEvent {
  const { snapshot, tenant } = loaded
  return {
    id,
    timestamp: isoOf(event.timestamp),
    eventType: event.eventType,
    entityType: event.entityType,
    status: event.status,
    severity: event.severity,
    serviceName: event.serviceName,
    executionId: snapshot.executionId,
    executionSeq: event.executionSeq,
    workflowName: snapshot.definition.name,
    workflowVersion: snapshot.definition.version,
    stepName: event.stepName,
    stepId: event.stepId,
    operationType: event.operationType,
    durationMs: event.durationMs,
    retryCount: event.retryCount,
    correlationId: snapshot.correlationId,
    parentEventId,
    actorType: event.actor?.type ?? null,
    actorId: event.actor?.id ?? null,
    reason: event.reason,
    message: event.message,
    details: event.details,
    tenant,
  }
}
