import type { LogStatusMessage } from '@steptrail/client'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useConnection } from '../connection/connection.tsx'

/** How the logs stand; asked for again every few seconds. */
export function useLogStatus(): UseQueryResult<LogStatusMessage> {
  const { client } = useConnection()
  return useQuery({
    queryKey: ['log', 'status'],
    queryFn: ({ signal }) => client.log.status({ signal }),
    refetchInterval: 10_000,
  })
}

/** For how long the oldest event waits to be sealed, in milliseconds; null when none waits. */
export const unsealedAgeMs = (
  { oldest_unsealed_at }: Pick<LogStatusMessage, 'oldest_unsealed_at'>,
  now: number,
): number | null => (oldest_unsealed_at === null ? null : Math.max(0, now - Date.parse(oldest_unsealed_at)))
