import type { EngineCapabilities } from '@steptrail/event'

/**
 * What Temporal lets one see. Attempts are seen of activities whose worker has the interceptor; a history alone has their
 * number and the last failure. It keeps no transaction of ours, and all of a history for as long as it retains it.
 */
export const temporalCapabilities: EngineCapabilities = {
  perAttempt: true,
  actor: true,
  transactional: false,
  replaySafe: true,
  backfill: true,
}
