import type { Database, Query } from '../database/database.ts'

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
  for (const { table, parent, month } of await goneMonths(database.query))
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

interface GoneMonth {
  readonly table: string
  readonly parent: string
  readonly month: string
}

/** Months that have gone, and whose files are still there. */
export async function goneMonths(query: Query): Promise<readonly GoneMonth[]> {
  const { rows } = await query<GoneMonth>(
    `select gone.relname::text as table, parent.relname::text as parent,
            replace(right(left(gone.relname, -5), 7), '_', '-') || '-01' as month
    from pg_class as gone
    join pg_class as parent
      on parent.relname = left(gone.relname, -13)
      and parent.relnamespace = gone.relnamespace
      and parent.relkind = 'p'
    where gone.relnamespace = current_schema()::regnamespace
      and gone.relname ~ '_[0-9]{4}_[0-9]{2}_gone$'
      and gone.relkind = 'r'
    order by gone.relname`,
  )
  return rows
}

/** Whether the database said so, and not the way to it: a SQLSTATE has five characters. */
const isRefusal = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  /^[0-9A-Z]{5}$/.test(error.code)
