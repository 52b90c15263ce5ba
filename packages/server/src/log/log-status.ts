import type { LogStatusMessage } from '@steptrail/client/messages'
import { readLogStatus } from '@steptrail/log'
import type { Principal } from '../access/principal.ts'
import type { Sent } from '../endpoint/endpoint.ts'
import { problemOf } from '../problem/problem-of.ts'
import type { Services } from '../services.ts'

/** How the logs stand. What verifying found may name what is another tenant's, so a tenant is told only whether all was well. */
export async function logStatusOf(
  { database, sealer }: Services,
  { tenant }: Principal,
): Promise<Sent<LogStatusMessage>> {
  const { logs, lag, lastVerification } = await readLogStatus(database)
  const trouble = sealer?.trouble ?? null
  return {
    logs: logs.map((log) => ({
      origin: log.origin,
      size: log.size,
      signed_size: log.signedSize,
      signed_at: log.signedAt,
      begun_at: log.begunAt,
      ended_at: log.endedAt,
      keys: log.keys,
    })),
    unsealed: lag.unsealed,
    oldest_unsealed_at: lag.oldestAt,
    sealer: {
      state: !sealer || sealer.state === 'closed' ? 'off' : sealer.state,
      detail: trouble === null ? null : problemOf(trouble, '').detail,
    },
    last_verification:
      lastVerification && tenant !== null
        ? { ...lastVerification, defect: null, details: {} }
        : lastVerification,
  }
}
