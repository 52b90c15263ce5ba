import { type Client, createClient } from '@steptrail/client'
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { focusContent } from '../dialog/focus-content.ts'
import { keptInTab } from '../storage/keeping-storage.ts'
import { createQueryClient } from './query-client.ts'
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
  /**
   * Uses another key, or none: the page is drawn anew, and nothing that was read with the last is left. Throws
   * `invalid_configuration`, and changes nothing, for a text that can be no key.
   */
  readonly changeKey: (apiKey: string | null) => void
}

const ConnectionContext = createContext<ServerConnection | null>(null)

/** Where a key is kept: until the tab is closed. */
const storageKey = 'steptrail.key'

/** A key, what was read with it, and the how manieth of the tab it is. */
interface Access {
  readonly apiKey: string | null
  readonly queries: QueryClient
  readonly number: number
}

const accessWith = (apiKey: string | null, number: number): Access => ({
  apiKey,
  queries: createQueryClient(),
  number,
})

/** Gives the pages below it their connection to the server at `url`, and draws them anew for each key. */
export function ConnectionProvider({
  url,
  children,
}: {
  readonly url: string
  readonly children: ReactNode
}) {
  const [access, setAccess] = useState(() => accessWith(keptInTab.getItem(storageKey), 1))
  const [clock] = useState(() => new ServerClock())
  const connection = useMemo((): ServerConnection => {
    const { apiKey, queries, number } = access
    const clientWith = (key: string | null): Client =>
      createClient({
        url,
        ...(key !== null && { apiKey: key }),
        fetch: (address, init) => clock.hear(() => fetch(address, init)),
      })
    const client = clientWith(apiKey)
    const changeKey = (next: string | null): void => {
      clientWith(next)
      if (next === null) keptInTab.removeItem(storageKey)
      else keptInTab.setItem(storageKey, next)
      setAccess(accessWith(next, number + 1))
      queries.clear()
    }
    const serverTime = async (signal: AbortSignal): Promise<number> => {
      if (!clock.hasHeard) await client.analytics.list({ signal })
      return clock.now()
    }
    return { url, client, apiKey, now: clock.now, serverTime, changeKey }
  }, [url, access, clock])
  useEffect(() => {
    // What was pressed for it is gone with the pages of the key before.
    if (access.number > 1) focusContent()
  }, [access])
  return (
    <ConnectionContext value={connection}>
      <QueryClientProvider key={access.number} client={access.queries}>
        {children}
      </QueryClientProvider>
    </ConnectionContext>
  )
}

/** The connection of the page. Throws outside of a `ConnectionProvider`. */
export function useConnection(): ServerConnection {
  const connection = useContext(ConnectionContext)
  if (connection) return connection
  throw new Error('there is no ConnectionProvider above this component')
}
