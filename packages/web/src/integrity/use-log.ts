import type { LogStatusMessage } from '@steptrail/client'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useConnection } from '../connection/connection.tsx'

/** How the logs stand, and what time it was for the server when that was read, in milliseconds since 1970. */
export interface LogStanding extends LogStatusMessage {
  readonly readAtMs: number
}

/** How the logs stand; asked for again every few seconds. */
export function useLogStanding(): UseQueryResult<LogStanding> {
  const { client, now } = useConnection()
  return useQuery({
    queryKey: ['log', 'status'],
    queryFn: async ({ signal }) => {
      const status = await client.log.status({ signal })
      return { ...status, readAtMs: now() }
    },
    refetchInterval: 10_000,
  })
}

/** For how long the oldest event waits to be sealed, in milliseconds; null when none waits. */
export const unsealedAgeMs = ({
  oldest_unsealed_at,
  readAtMs,
}: Pick<LogStanding, 'oldest_unsealed_at' | 'readAtMs'>): number | null =>
  oldest_unsealed_at === null ? null : Math.max(0, readAtMs - Date.parse(oldest_unsealed_at))

/** How many the server counts at most. */
const mostCounted = 10_000

/** How many events wait to be sealed, in words. */
export const unsealedWords = ({ unsealed }: Pick<LogStanding, 'unsealed'>): string =>
  `${unsealed.toLocaleString('en')}${unsealed >= mostCounted ? ' or more' : ''}`
