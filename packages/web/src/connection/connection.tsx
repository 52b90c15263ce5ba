import { type Client, createClient } from '@steptrail/client'
import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'
import { keptInTab } from '../storage/keeping-storage.ts'
import { ServerClock } from './server-clock.ts'

/** How the pages reach the server. */
export interface ServerConnection {
  readonly url: string
  readonly client: Client
  /** The key that requests carry; null where none was given. */
  readonly apiKey: string | null
  /** What time it is for the server, as far as that is known, in milliseconds since 1970. */
  readonly now: () => number
  /** The same, for what is asked of the server by it: asks first, where nothing has been asked yet. */
  readonly serverTime: (signal: AbortSignal) => Promise<number>
  /** Uses another key, or none, and forgets what was read with the last. */
  readonly changeKey: (apiKey: string | null) => void
}

const ConnectionContext = createContext<ServerConnection | null>(null)

/** Where a key is kept: until the tab is closed. */
const storageKey = 'steptrail.key'

/** Gives the pages below it their connection to the server at `url`. */
export function ConnectionProvider({
  url,
  children,
}: {
  readonly url: string
  readonly children: ReactNode
}) {
  const queries = useQueryClient()
  const [apiKey, setApiKey] = useState(() => keptInTab.getItem(storageKey))
  const [clock] = useState(() => new ServerClock())
  const connection = useMemo((): ServerConnection => {
    const client = createClient({
      url,
      ...(apiKey !== null && { apiKey }),
      fetch: (address, init) => clock.hear(() => fetch(address, init)),
    })
    const changeKey = (next: string | null): void => {
      if (next === null) keptInTab.removeItem(storageKey)
      else keptInTab.setItem(storageKey, next)
      setApiKey(next)
      queries.clear()
    }
    const serverTime = async (signal: AbortSignal): Promise<number> => {
      if (!clock.hasHeard) await client.analytics.list({ signal })
      return clock.now()
    }
    return { url, client, apiKey, now: clock.now, serverTime, changeKey }
  }, [url, apiKey, queries, clock])
  return <ConnectionContext value={connection}>{children}</ConnectionContext>
}

/** The connection of the page. Throws outside of a `ConnectionProvider`. */
export function useConnection(): ServerConnection {
  const connection = useContext(ConnectionContext)
  if (connection) return connection
  throw new Error('there is no ConnectionProvider above this component')
}
