import type { Actor } from '@steptrail/event'
import { canonicalJson, type Json } from '@steptrail/verify'
import type { DecisionEnvironment } from './move.ts'

/** The columns of an event that follow from a move; its writer adds id, parent and the execution's columns. */
export interface DerivedEvent {
  readonly eventType: string
  readonly entityType: 'ORCHESTRATION' | 'STEP'
  readonly status: 'SUCCESS' | 'FAILED' | null
  readonly severity: 'info' | 'warning' | 'error' | 'critical'
  readonly serviceName: string | null
  readonly executionSeq: number
  /** Milliseconds since 1970; strictly increasing within an execution. */
  readonly timestamp: number
  readonly stepId: string | null
  readonly stepName: string | null
  readonly operationType: 'DO' | 'UNDO' | null
  readonly durationMs: number | null
  readonly retryCount: number | null
  readonly actor: Actor | null
  readonly reason: string | null
  readonly message: string
  readonly details: Readonly<Record<string, Json>>
  /**
   * Which event caused this one: the step's own last event, the outcome decided on just before, or none
   * (the first event of an execution).
   */
  readonly parent: 'step' | 'outcome' | 'none'
}

/** An event before it has its number and its instant. */
export type Draft = Omit<DerivedEvent, 'executionSeq' | 'timestamp'>

/** Whoever decides. */
export const system: Actor = { type: 'system', id: 'steptrail' }

/** Whoever wakes what is due. */
export const clock: Actor = { type: 'system', id: 'clock' }

/** SHA-256 of the canonical JSON of a value, in hex. */
export const digestOf = (value: Json, environment: DecisionEnvironment): string =>
  environment.digest(canonicalJson(value))
