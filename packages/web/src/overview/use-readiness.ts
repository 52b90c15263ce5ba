import { TrailError } from '@steptrail/client'
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
  const address = `${url}/readyz`
  const response = await fetch(address, { signal, redirect: 'manual' }).catch((error: unknown) => {
    signal.throwIfAborted()
    throw new TrailError('server_unreachable', `GET ${address} was not answered`, { cause: error })
  })
  const { status } = response
  const told = readinessSchema.safeParse(await response.json().catch(() => undefined))
  if (told.success) return told.data
  throw new TrailError(
    'server_unreachable',
    `GET ${address} was answered with status ${status}, and not by a Steptrail server`,
    { details: { status } },
  )
}
