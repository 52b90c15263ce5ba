import type { EventRow, OperationType } from '@steptrail/event'
import type { ExecutionOutcome, WorkflowDefinition } from '@steptrail/workflow'
import type { Json } from '@steptrail/verify'
import {
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import type { Query } from '../database/database.ts'

/** What reads need: a `Database`, or one transaction of it as `{ query: tx }`. */
export interface Reader {
  readonly query: Query
}

/** The tables that composed statements read, as their rows come out of `Query`; of each what they need. */
export interface ReadTables {
  readonly workflow_step_result_audit: {
    readonly workflow_step_result_audit_uuid: string
    readonly workflow_step_uuid: string
    readonly workflow_step_transition_uuid: string
    readonly task_uuid: string
    readonly recorded_at: string
    readonly worker_uuid: string | null
    readonly correlation_id: string | null
    readonly success: boolean
    readonly execution_time_ms: number | null
  }
  readonly workflow_step_transitions: {
    readonly workflow_step_transition_uuid: string
    readonly from_state: string | null
    readonly to_state: string
    readonly metadata: Readonly<Record<string, Json>>
    readonly sort_key: number
    readonly created_at: string
  }
  readonly workflow_steps: {
    readonly workflow_step_uuid: string
    readonly name: string
    readonly operation_type: OperationType
  }
  readonly workflow_definitions: {
    readonly workflow_name: string
    readonly workflow_version: string
    readonly definition: WorkflowDefinition
  }
  readonly workflow_execution_audit: {
    readonly id: string
    readonly remediation_id: string
    readonly workflow_name: string
    readonly workflow_version: string
    readonly total_steps: number
    readonly steps_completed: number
    readonly steps_failed: number
    readonly outcome: ExecutionOutcome
    readonly effectiveness_score: number | null
    readonly rollbacks_performed: number
    readonly step_executions: Json
    readonly adaptive_adjustments: Json
    readonly total_duration: string | null
    readonly error_message: string | null
    readonly created_at: string
    readonly execution_id: string | null
    readonly ended_seq: number | null
    readonly tenant: string
    readonly supersedes_seq: number | null
  }
  readonly workflow_catalog: {
    readonly tenant: string
    readonly workflow_name: string
    readonly version: string
    readonly expected_success_rate: number | null
  }
  readonly audit_event: EventRow & {
    /** The 64-bit id of the transaction that wrote the row; only compared, in SQL. */
    readonly tx: string
    /** Of an attempt of a step, made from its details. */
    readonly waited_ms: number | null
    /** Of a step's outcome, made from its details. */
    readonly total_duration_ms: number | null
  }
}

/** Composes typed SQL with bound parameters. It has no connection: `fetchRows` runs what it composes. */
export const compose = new Kysely<ReadTables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

/** Runs a composed statement and gives its rows; one with a name is prepared, and kept. */
export async function fetchRows<Row>(
  reader: Reader,
  statement: Compilable<Row>,
  name?: string,
): Promise<readonly Row[]> {
  const { sql: text, parameters } = statement.compile()
  const { rows } = await reader.query<Row>(name === undefined ? text : { name, text }, parameters)
  return rows
}
