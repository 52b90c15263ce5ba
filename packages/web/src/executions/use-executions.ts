import { useInfiniteQuery } from '@tanstack/react-query'
import { useConnection } from '../connection/connection.tsx'
import { useFollow } from '../connection/use-follow.ts'
import { useReadAgain } from '../connection/use-read-again.ts'
import type { ExecutionsSearch } from './executions-search.ts'

const perPage = 100

/** The executions that match, page after page, read again whenever one of them moves. */
export function useExecutions(search: ExecutionsSearch) {
  const { client } = useConnection()
  const readAgain = useReadAgain()
  const list = useInfiniteQuery({
    queryKey: ['executions', search],
    queryFn: ({ pageParam, signal }) =>
      client.executions.list({ ...search, limit: perPage, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const { workflow_name } = search
  const live = useFollow({
    filters: { entity_type: 'ORCHESTRATION', workflow_name },
    isOn: list.data !== undefined,
    readAgain: () => readAgain(['executions']),
    onEvents: () => readAgain(['executions']),
    restartOn: workflow_name ?? '',
  })
  return { list, live }
}
