import type { Database } from '../database/database.ts'
import { tablesBeside } from './retained-tables.ts'

/** A table of a month that has gone, whose files are still there. */
export interface UnfreedMonth {
  readonly table: string
  /** What the database says against it. */
  readonly reason: string
}

/**
 * Frees the files of months that have been let go of: of this run, and of one before that was ended between the two.
 * Takes as long as there is of them, and nobody waits for it; nor does it wait for longer than `lockTimeoutMs` for who
 * looks at one, such as a dump. Returns what the database refuses to drop; the next run tries again.
 */
export async function freeMonths(
  database: Pick<Database, 'query' | 'transaction'>,
  { lockTimeoutMs = 500 }: { readonly lockTimeoutMs?: number | undefined },
): Promise<readonly UnfreedMonth[]> {
  const unfreed: UnfreedMonth[] = []
  for (const { table, parent, month } of await tablesBeside(database.query, 'gone'))
    try {
      await database.transaction(async (tx) => {
        await tx(`select set_config('lock_timeout', $1, true)`, [`${lockTimeoutMs}ms`])
        await tx('select retention_free($1::text::regclass, $2::date)', [parent, month])
      })
    } catch (error) {
      if (!isRefusal(error)) throw error
      unfreed.push({ table, reason: error.message })
    }
  return unfreed
}

/** Whether the database said so, and not the way to it: a SQLSTATE has five characters. */
const isRefusal = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  /^[0-9A-Z]{5}$/.test(error.code)
