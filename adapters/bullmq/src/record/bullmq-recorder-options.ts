import type { BullmqPlace } from '../install/place.ts'

/** How what BullMQ did is put on record. */
export interface BullmqRecorderOptions extends BullmqPlace {
  /** `service_name` of executions, and of processors whose steps are not wrapped. Default `bullmq`. */
  readonly serviceName?: string | undefined
  /** Whose the executions are. Default `default`. */
  readonly tenant?: string | undefined
  /**
   * How long what happens may gather before it is put on record together, in milliseconds. Default 1000: longer costs less,
   * since the rows of a job are then written once.
   */
  readonly pollMs?: number | undefined
  /**
   * How much of the time it works while it is not far behind, from 0 to 1: the rest is the engine's, where both share a
   * machine. Default 0.2.
   */
  readonly share?: number | undefined
  /** How far behind it may be, in milliseconds, before it works all the time. Default 30,000. */
  readonly maxLagMs?: number | undefined
  /** Told when something cannot be put on record, or not now. */
  readonly onTrouble?: ((message: string, cause: unknown) => void) | undefined
}
