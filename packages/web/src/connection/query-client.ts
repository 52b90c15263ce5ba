import { QueryClient } from '@tanstack/react-query'
import { codeOf } from './failure-code.ts'

/** What passes by itself; anything else fails the same way again. */
const passing: ReadonlySet<string> = new Set(['server_unreachable', 'server_busy', 'database_unreachable'])

/** Reads are shown from memory while they are read again, and tried again when the server was away. */
export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        refetchOnWindowFocus: true,
        retry: (failures, error) => failures < 2 && passing.has(codeOf(error)),
        retryDelay: (attempt) => Math.min(4_000, 500 * 2 ** attempt),
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  })
