import type { EngineCapabilities } from '@steptrail/event'

/**
 * What BullMQ lets one see on its PostgreSQL backend. Attempts of a job are seen, and of the steps of a processor those
 * that are wrapped; of what happened before, the outcome. It keeps no name with a removal, a retry or a cancel.
 */
export const bullmqCapabilities: EngineCapabilities = {
  perAttempt: true,
  actor: false,
  transactional: true,
  replaySafe: true,
  backfill: true,
}

/**
 * What BullMQ lets one see on its Redis backend. There it keeps the events of a queue that came last, and these are read
 * after it has written them: what it trimmed before is not seen.
 */
export const bullmqOnRedisCapabilities: EngineCapabilities = { ...bullmqCapabilities, transactional: false }
