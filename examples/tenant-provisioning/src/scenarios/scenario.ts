import type { Database, ExecutionView } from '@steptrail/core'
import type { Saga } from '@steptrail/saga'
import type { ExecutionState } from '@steptrail/workflow'
import type { Registry } from '../registry/registry.ts'
import type { Crew } from '../workers/crew.ts'

/** What a scenario is played with. */
export interface Stage {
  readonly database: Database
  readonly saga: Saga
  readonly registry: Registry
  readonly crew: Crew
  /** Makes the names of this run's tenants its own. */
  readonly number: number
  readonly signal: AbortSignal
  /** Told, in a sentence, of what happens outside the workflow, and to which execution if it was started. */
  readonly note: (text: string, executionId?: string) => Promise<void>
}

/** One execution, and what happens to it. */
export interface Scenario {
  readonly title: string
  readonly story: string
  /** Without the run's number. */
  readonly tenant: string
  readonly expects: ExecutionState
  /** Starts the execution, does to it what the story says, and gives its id. */
  readonly play: (stage: Stage, tenant: string) => Promise<string>
}

/** What a step is like. */
export type StepCondition = (step: ExecutionView['steps'][number]) => boolean
