import { readinessSchema, type Readiness } from '@steptrail/client/messages'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useConnection } from '../connection/connection.tsx'

/** What the server needs for its work, and whether it is there; asked for again every quarter of a minute. */
export function useReadiness(): UseQueryResult<Readiness> {
  const { url } = useConnection()
  return useQuery({
    queryKey: ['readiness'],
    queryFn: ({ signal }) => readReadiness(url, signal),
    refetchInterval: 15_000,
  })
}

/** A server that is not ready answers so as well, and says why. */
async function readReadiness(url: string, signal: AbortSignal): Promise<Readiness> {
  const response = await fetch(`${url}/readyz`, { signal })
  return readinessSchema.parse(await response.json())
}
