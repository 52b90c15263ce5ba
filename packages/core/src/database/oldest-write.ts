import type { Query } from './database.ts'

/** A transaction that has written and not ended: standbys, vacuum and whoever wants its rows wait for it. */
export interface OldestWrite {
  /** Who writes, to be put into a message. */
  readonly writer: string
  /** Since it began; since it was prepared, where it is a prepared one. */
  readonly seconds: number
  /** By what it is ended, where it was prepared (`PREPARE TRANSACTION`): such a one belongs to no process, and outlives a restart. */
  readonly preparedAs: string | null
}

/** The oldest of the server's writes; undefined where nobody writes. Of others' sessions, a login sees what it may. */
export async function findOldestWrite(query: Query): Promise<OldestWrite | undefined> {
  const { rows } = await query<OldestWrite>(selectOldestWrite)
  return rows[0]
}

const selectOldestWrite = `
select writer, extract(epoch from clock_timestamp() - since)::float8 as seconds, prepared_as as "preparedAs"
from (
  select format('process %s (%s)', pid, application_name) as writer, xact_start as since, null as prepared_as
  from pg_stat_activity
  where backend_xid is not null
  union all
  select format('the prepared transaction %L of %s in database %s', gid, owner, database), prepared, gid
  from pg_prepared_xacts
) as write
where since is not null
order by since
limit 1`
