import type { ExecutionView } from '@steptrail/core'
import type { Scenario } from './scenarios/scenario.ts'

/** A scenario that was played, and its execution as it ended. */
export interface Played {
  readonly scenario: Scenario
  /** The tenant of this run. */
  readonly tenant: string
  readonly execution: ExecutionView
}
