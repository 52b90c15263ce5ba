import { hashKey, type QueryClient, type QueryKey, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'

/** What is being read, and whether something has happened since that began. */
interface Reading {
  isAskedAgain: boolean
}

/**
 * Reads again what the pages keep under a key, however often it is told to: what is being read is read to its end, and
 * once more after that. To begin it anew each time would end it never where things happen faster than they are read, and
 * would break off the next page of a list.
 */
export function useReadAgain(): (queryKey: QueryKey) => void {
  const queries = useQueryClient()
  const [underWay] = useState(() => new Map<string, Reading>())
  return useCallback(
    (queryKey) => {
      const name = hashKey(queryKey)
      const before = underWay.get(name)
      if (before) {
        before.isAskedAgain = true
        return
      }
      const reading: Reading = { isAskedAgain: false }
      underWay.set(name, reading)
      void readToLast(queries, queryKey, reading).finally(() => underWay.delete(name))
    },
    [queries, underWay],
  )
}

async function readToLast(queries: QueryClient, queryKey: QueryKey, reading: Reading): Promise<void> {
  do {
    // What is being read already may lack what is told of.
    reading.isAskedAgain = queries.isFetching({ queryKey, type: 'active' }) > 0
    await queries.invalidateQueries({ queryKey }, { cancelRefetch: false })
  } while (reading.isAskedAgain)
}
