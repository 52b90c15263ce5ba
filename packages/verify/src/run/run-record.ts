import type { Json } from '../canonical-json.ts'

/** Everything that is on record of one execution, under the names that its tables have. */
export interface RunRecord {
  readonly execution: RunExecution
  /** The definition it is pinned to; null where it is not known. */
  readonly definition: RunDefinition | null
  /** In the order in which they came to be. */
  readonly steps: readonly RunStep[]
  /** By step, then by sort key. */
  readonly transitions: readonly RunTransition[]
  readonly audits: readonly RunAudit[]
  /** Those that are numbered, by their number. */
  readonly events: readonly RunEvent[]
}

/** An execution as it stands. */
export interface RunExecution {
  readonly execution_id: string
  /** Who ran it. Of what another engine than ours ran there are events, and nothing else to compare them with. */
  readonly engine: string
  readonly status: string
  readonly definition_hash: string
  readonly next_seq: number
  readonly input: Json
  readonly output: Json
}

/** What is looked at of a definition; all of it is hashed. */
export type RunDefinition = {
  readonly [key: string]: Json
  readonly steps: readonly {
    readonly [key: string]: Json
    readonly name: string
    readonly after: readonly string[]
    readonly retry: { readonly [key: string]: Json; readonly maxRetries: number }
  }[]
}

/** An operation of a step as it stands. */
export interface RunStep {
  readonly workflow_step_uuid: string
  readonly name: string
  readonly operation_type: 'DO' | 'UNDO'
  readonly status: string
  readonly attempt: number
  readonly last_sort_key: number
  readonly output: Json
}

/** One change of a step's state. */
export interface RunTransition {
  readonly workflow_step_transition_uuid: string
  readonly workflow_step_uuid: string
  readonly from_state: string | null
  readonly to_state: string
  readonly sort_key: number
  readonly metadata: { readonly [key: string]: Json }
}

/** The audit of one result that a worker reported. */
export interface RunAudit {
  readonly workflow_step_transition_uuid: string
  readonly workflow_step_uuid: string
  readonly task_uuid: string
  readonly worker_uuid: string | null
  readonly success: boolean
}

/** One numbered event. */
export interface RunEvent {
  readonly id: string
  readonly timestamp: string
  readonly execution_seq: number
  readonly event_type: string
  readonly entity_type: string
  readonly step_id: string | null
  readonly step_name: string | null
  readonly operation_type: string | null
  readonly retry_count: number | null
  /** Empty where there are none, or where they were erased. */
  readonly details: { readonly [key: string]: Json }
  readonly is_erased: boolean
}
