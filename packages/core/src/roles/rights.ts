import type { Query } from '../database/database.ts'
import type { MemberRole } from './privileges.ts'

/** What a login may do with the trail, by the rights that its tables give it: with or without the roles. */
export interface Rights {
  readonly login: string
  /** Record events, and run workflows and their workers. */
  readonly records: boolean
  /** Seal and sign the log. */
  readonly seals: boolean
  /** Run retention, place holds, erase, and make keys. */
  readonly administers: boolean
  /** Read as one tenant at a time, for keys that are bound to one. */
  readonly readsAsTenant: boolean
}

/** One thing that a login may do, or not. */
export type Right = Exclude<keyof Rights, 'login'>

/** The role whose members have each right, where the roles are set up. */
export const roleWithRight: Readonly<Record<Right, MemberRole>> = {
  records: 'steptrail_writer',
  seals: 'steptrail_sealer',
  administers: 'steptrail_admin',
  readsAsTenant: 'steptrail_reader',
}

/** What the login of this connection may do. */
export async function readRights(query: Query): Promise<Rights> {
  const { rows } = await query<Rights>(selectRights)
  const [rights] = rows
  if (!rights) throw new Error('the database did not say what the login may do')
  return rights
}

const selectRights = `
select current_user::text as login,
       has_table_privilege('audit_event', 'insert')
         and has_table_privilege('workflow_executions', 'update') as records,
       has_table_privilege('log_trees', 'update') as seals,
       has_table_privilege('retention_run', 'insert') as administers,
       to_regrole('steptrail_reader') is not null
         and pg_has_role(to_regrole('steptrail_reader'), 'member') as "readsAsTenant"`
