import type { SourceRecorderOptions } from '@steptrail/core'
import type { DbosPlace } from '../install/place.ts'

/** How what DBOS did is put on record. */
export interface DbosRecorderOptions extends DbosPlace, SourceRecorderOptions {
  /** `service_name` of executions, and of steps that are not wrapped. Default `dbos`. */
  readonly serviceName?: string | undefined
  /** Whose the executions are. Default `default`. */
  readonly tenant?: string | undefined
  /**
   * How long the database of DBOS may take to answer, in milliseconds. Default 30,000: then it has fallen silent, and the
   * recorder goes on with another connection.
   */
  readonly answerWithinMs?: number | undefined
}
