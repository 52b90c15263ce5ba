import type { SourceRecorderOptions } from '@steptrail/core'
import type { BullmqPlace } from '../install/place.ts'

/** How what BullMQ did is put on record. */
export interface BullmqRecorderOptions extends BullmqPlace, SourceRecorderOptions {
  /** `service_name` of executions, and of processors whose steps are not wrapped. Default `bullmq`. */
  readonly serviceName?: string | undefined
  /** Whose the executions are. Default `default`. */
  readonly tenant?: string | undefined
  /**
   * How much of the time it works while it is not far behind, over 0 and up to 1: the rest is the engine's, where both
   * share a machine. Default 0.1.
   */
  readonly share?: number | undefined
  /**
   * How long the server of BullMQ may take to answer, in milliseconds. Default 30,000: then it has fallen silent, and the
   * recorder goes on with another connection.
   */
  readonly answerWithinMs?: number | undefined
}
