import {
  type Database,
  findOldestWrite,
  type OldestWrite,
  type Query,
  readRights,
  type Right,
  roleWithRight,
} from '@steptrail/core'

/** What was found by one check. `note`: to know; `wrong`: to see to. */
export interface Finding {
  readonly check: string
  readonly state: 'fine' | 'note' | 'wrong'
  readonly says: string
}

/** Looks at everything. The schema itself has been checked by whoever opened the database. */
export async function findings({ query, schema, name }: Database): Promise<readonly Finding[]> {
  return [
    { check: 'schema', state: 'fine', says: `${schema} of ${name} is that of this program` },
    await writes(query),
    await appendOnly(query),
    await privileges(query),
    await limits(query),
    await months(query),
    await longWrites(query),
    await clock(query),
    await workers(query),
  ]
}

async function writes(query: Query): Promise<Finding> {
  const check = 'writes'
  const { rows } = await query<{ is_read_only: boolean }>(
    `select current_setting('transaction_read_only')::boolean as is_read_only`,
  )
  if (rows[0]?.is_read_only !== true) return { check, state: 'fine', says: 'the database takes them' }
  const says =
    'this is a standby, or a database that was made read-only: nothing is recorded or sealed through it'
  return { check, state: 'note', says }
}

async function appendOnly(query: Query): Promise<Finding> {
  const check = 'append-only'
  const { rows } = await query<{ name: string }>(selectUnguarded)
  if (rows.length === 0)
    return { check, state: 'fine', says: 'what is on record is guarded on every table and month' }
  const named = rows.map((row) => row.name).join(', ')
  return {
    check,
    state: 'wrong',
    says: `a guard is missing or disabled on ${named}: find out who did that, and restore it`,
  }
}

async function privileges(query: Query): Promise<Finding> {
  const check = 'privileges'
  const { rows } = await query<{ owner: string; is_superuser: boolean; login: string }>(selectOwner)
  const { owner = '', is_superuser: isSuperuser = false, login = '' } = rows[0] ?? {}
  if (owner !== 'steptrail_owner')
    return {
      check,
      state: 'note',
      says: `the tables belong to ${owner}, who may change them; \`steptrail migrate --roles\` gives them to nobody`,
    }
  if (isSuperuser)
    return {
      check,
      state: 'note',
      says: `${login} is a superuser, whom nothing stops; applications need steptrail_writer`,
    }
  return { check, state: 'fine', says: `the tables belong to nobody who can log in; ${await mayDo(query)}` }
}

/** What the login may do, and what other logins have to. */
async function mayDo(query: Query): Promise<string> {
  const { login, ...rights } = await readRights(query)
  const each = Object.entries(roleWithRight) as [Right, string][]
  const listed = (may: boolean): string =>
    each
      .filter(([right]) => rights[right] === may)
      .map(([right, role]) => `${wordsOf[right]} (${role})`)
      .join('; ') || 'nothing'
  return `${login} may ${listed(true)}. It may not: ${listed(false)}`
}

const wordsOf: Readonly<Record<Right, string>> = {
  records: 'record and run workflows',
  seals: 'seal',
  administers: 'run retention, erase and make keys',
  readsAsTenant: 'read for one tenant',
}

/** A limit that was made for an application ends what takes long by nature: a verification, an export, a migration. */
async function limits(query: Query): Promise<Finding> {
  const check = 'limits'
  const { rows } = await query<{ name: string; milliseconds: string }>(selectLimits)
  if (rows.length === 0) return { check, state: 'fine', says: 'no time limit is set for this login' }
  const named = rows.map(({ name, milliseconds }) => `${name} of ${milliseconds} ms`).join(', ')
  return {
    check,
    state: 'note',
    says: `this login has a ${named}: what takes longer fails, such as retention, \`verify\`, \`export\` and \`migrate\``,
  }
}

async function months(query: Query): Promise<Finding> {
  const check = 'months'
  const { rows } = await query<{ missing: string }>(selectMissingMonths)
  if (rows.length === 0) return { check, state: 'fine', says: 'this month and the next are there' }
  return {
    check,
    state: 'note',
    says: `${rows.map(({ missing }) => missing).join(', ')} will be made when they are first needed`,
  }
}

async function longWrites(query: Query): Promise<Finding> {
  const check = 'long writes'
  const write = await findOldestWrite(query)
  if (!write || write.seconds <= longSeconds)
    return { check, state: 'fine', says: 'no transaction has been writing for more than a minute' }
  return { check, state: 'wrong', says: longWrite(write) }
}

const longSeconds = 60

/** What is wrong with a write that does not end. */
const longWrite = ({ writer, seconds, preparedAs }: OldestWrite): string => {
  const said = `${writer} has been writing for ${Math.round(seconds)} s: standbys and vacuum wait for it`
  if (preparedAs === null) return said
  return `${said}, also after a restart, until \`commit prepared\` or \`rollback prepared\` ends it there`
}

async function clock(query: Query): Promise<Finding> {
  const check = 'clock'
  const seen = await query<{ may_look: boolean }>(
    `select has_table_privilege('workflow_clock', 'select') as may_look`,
  )
  if (seen.rows[0]?.may_look !== true)
    return { check, state: 'note', says: 'a reader may not see whether a process holds it' }
  const { rows } = await query<{ is_held: boolean; waiting: number }>(selectClock)
  const { is_held: isHeld = false, waiting = 0 } = rows[0] ?? {}
  if (isHeld) return { check, state: 'fine', says: 'a process holds it' }
  if (waiting === 0) return { check, state: 'note', says: 'no process holds it, and nothing waits for it' }
  return {
    check,
    state: 'wrong',
    says: `no process holds it, and ${waiting} steps wait for it: run \`steptrail serve\`, or a runtime with holdsClock`,
  }
}

async function workers(query: Query): Promise<Finding> {
  const check = 'workers'
  const { rows } = await query<{ services: string | null }>(selectUnattended)
  const services = rows[0]?.services ?? null
  if (services === null)
    return { check, state: 'fine', says: 'every step that is due has a live worker for its service' }
  return { check, state: 'wrong', says: `steps are due, and no worker is alive for ${services}: start one` }
}

/** Each guarded table and each of its months has an enabled trigger that refuses TRUNCATE, and by rows or statement changes. */
const selectUnguarded = `
select relation.oid::regclass::text as name
from pg_class as relation
left join pg_inherits as inherited on inherited.inhrelid = relation.oid
left join pg_class as parent on parent.oid = inherited.inhparent
where relation.relnamespace = current_schema()::regnamespace
  and relation.relkind in ('r', 'p')
  and coalesce(parent.relname, relation.relname) in ('audit_event', 'workflow_step_transitions', 'workflow_step_result_audit')
  and not exists (
    select
    from pg_trigger as guard
    join pg_proc as function on function.oid = guard.tgfoid
    where guard.tgrelid = relation.oid
      and function.proname = 'refuse_change'
      and guard.tgenabled = 'A'
  )
order by 1`

const selectOwner = `
select pg_get_userbyid(relowner)::text as owner,
       (select rolsuper from pg_roles where rolname = current_user) as is_superuser,
       current_user::text as login
from pg_class
where oid = 'audit_event'::regclass`

const selectLimits = `
select name, setting as milliseconds
from pg_settings
where name in (
    'statement_timeout', 'lock_timeout', 'transaction_timeout',
    'idle_in_transaction_session_timeout', 'idle_session_timeout'
  )
  and setting <> '0'
order by name`

const selectMissingMonths = `
select name || to_char(month, '"_"YYYY"_"MM') as missing
from unnest(array['audit_event', 'workflow_step_transitions']) as name
cross join (
  values (date_trunc('month', now())), (date_trunc('month', now()) + interval '1 month')
) as wanted (month)
where to_regclass(name || to_char(month, '"_"YYYY"_"MM')) is null
order by 1`

const selectClock = `
select coalesce((select lease_until > clock_timestamp() from workflow_clock limit 1), false) as is_held,
       (select count(*) from workflow_steps where status in ('waiting_for_retry', 'in_progress')) as waiting`

const selectUnattended = `
select string_agg(distinct step.service_name, ', ') as services
from workflow_steps as step
where step.status = 'enqueued'
  and not exists (
    select
    from workflow_workers as worker
    where worker.service_name = step.service_name
      and worker.lease_until > clock_timestamp()
  )`
