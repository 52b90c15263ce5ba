/** The role that owns every table, so that no login does. */
export const ownerRole = 'steptrail_owner'

/** The roles that logins are made members of. An application needs the first. */
export const memberRoles = [
  'steptrail_writer',
  'steptrail_reader',
  'steptrail_sealer',
  'steptrail_admin',
] as const
export type MemberRole = (typeof memberRoles)[number]

/** One table or view, and what the writer may do to it beyond reading. Every role may read it unless it says not. */
export interface Privileges {
  readonly name: string
  readonly writer: readonly ('insert' | 'update')[]
  /** What the administrator may do to it beyond reading. */
  readonly admin?: readonly ('insert' | 'update')[]
  /** Who may read it, where not everybody but the reader may. */
  readonly onlyFor?: MemberRole
  /** What the sealer, and the admin, may do to it beyond reading; nothing unless it says so. */
  readonly sealer?: readonly ('insert' | 'update')[]
  /** Which rows the reader sees, as a condition in SQL; null for a view, and for what is no tenant's. */
  readonly visible: string | null
  readonly readerMayRead: boolean
}

const ofTenant = `tenant = nullif(current_setting('steptrail.tenant', true), '')`
const hidden = { visible: null, readerMayRead: false } as const
const forEveryTenant = { visible: null, readerMayRead: true } as const
const forItsTenant = { visible: ofTenant, readerMayRead: true } as const

/**
 * Every table and view of the schema. Partitions are none of them: they are reached through their table only. A
 * table without a tenant of its own goes by the executions that the reader sees.
 */
export const privileges: readonly Privileges[] = [
  {
    name: 'workflow_definitions',
    writer: ['insert'],
    visible:
      'exists (select from workflow_executions as execution ' +
      'where execution.definition_hash = workflow_definitions.definition_hash)',
    readerMayRead: true,
  },
  { name: 'workflow_executions', writer: ['insert', 'update'], ...forItsTenant },
  { name: 'workflow_steps', writer: ['insert', 'update'], ...forItsTenant },
  {
    name: 'workflow_step_edges',
    writer: ['insert'],
    visible:
      'exists (select from workflow_executions as execution ' +
      'where execution.execution_id = workflow_step_edges.execution_id)',
    readerMayRead: true,
  },
  { name: 'workflow_workers', writer: ['insert', 'update'], ...forItsTenant },
  { name: 'workflow_action_types', writer: ['insert', 'update'], ...forItsTenant },
  { name: 'workflow_catalog', writer: ['insert', 'update'], ...forItsTenant },
  { name: 'workflow_catalog_weights', writer: ['insert'], ...forItsTenant },
  { name: 'workflow_catalog_revision', writer: [], ...forItsTenant },
  { name: 'workflow_clock', writer: ['update'], ...hidden },
  { name: 'observed_sources', writer: ['insert', 'update'], ...hidden },
  { name: 'workflow_step_transitions', writer: ['insert'], ...forItsTenant },
  { name: 'audit_event', writer: ['insert'], sealer: ['insert'], ...forItsTenant },
  { name: 'workflow_step_result_audit', writer: [], ...forItsTenant },
  { name: 'workflow_execution_audit', writer: ['insert'], ...forItsTenant },
  { name: 'workflow_execution_audit_archive', writer: [], ...forItsTenant },
  { name: 'retention_policy', writer: [], ...hidden },
  { name: 'retention_hold', writer: [], ...hidden },
  { name: 'retention_hold_release', writer: [], ...hidden },
  { name: 'active_retention_hold', writer: [], ...hidden },
  { name: 'retention_run', writer: [], ...hidden },
  { name: 'retention_doomed', writer: [], ...hidden },
  { name: 'retention_closed_month', writer: [], ...forEveryTenant },
  { name: 'retention_permit', writer: [], ...hidden },
  { name: 'v_execution_timeline', writer: [], ...forEveryTenant },
  { name: 'audit_events', writer: [], ...forEveryTenant },
  { name: 'log_trees', writer: [], sealer: ['insert', 'update'], ...forEveryTenant },
  {
    name: 'log_entries',
    writer: [],
    sealer: ['insert'],
    visible:
      'exists (select from audit_event as event ' +
      'where event.id = log_entries.event_id and event.timestamp = log_entries.event_timestamp)',
    readerMayRead: true,
  },
  { name: 'log_tiles', writer: [], sealer: ['insert'], ...forEveryTenant },
  { name: 'log_checkpoints', writer: [], sealer: ['insert'], ...forEveryTenant },
  { name: 'log_erasures', writer: [], ...hidden },
  { name: 'log_pruned_ranges', writer: [], ...hidden },
  { name: 'log_keys', writer: [], sealer: ['insert'], ...forEveryTenant },
  { name: 'feed_identity', writer: [], ...forEveryTenant },
  { name: 'api_keys', writer: [], admin: ['insert', 'update'], onlyFor: 'steptrail_admin', ...hidden },
  { name: 'idempotent_requests', writer: [], onlyFor: 'steptrail_admin', ...hidden },
  { name: 'schema_migrations', writer: [], ...forEveryTenant },
]
