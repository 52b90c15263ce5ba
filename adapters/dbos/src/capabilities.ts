import type { EngineCapabilities } from '@steptrail/event'

/**
 * What DBOS lets one see. Attempts are seen of steps that are wrapped; of others, and of what happened before, DBOS keeps
 * the outcome alone. It keeps no name and no reason with a cancel or a resume.
 */
export const dbosCapabilities: EngineCapabilities = {
  perAttempt: true,
  actor: false,
  transactional: true,
  replaySafe: true,
  backfill: true,
}
