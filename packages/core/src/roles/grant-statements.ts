import { searchPathOf } from '../database/connection-settings.ts'
import { parseSchemaName, quoteIdentifier } from '../database/identifier.ts'
import { memberRoles, ownerRole, privileges } from './privileges.ts'
import type { Privileges } from './privileges.ts'

/**
 * The statements that create the roles, hand the tables over to their owner, grant, and set row-level security up.
 * They are to be run in one transaction, by a superuser or by the owner of the schema with `createrole`, on a
 * migrated database, and may be run again: afterwards the roles have these privileges and no others. Throws
 * `invalid_configuration` for a name that no schema can have.
 */
export function grantStatements(schema: string): readonly string[] {
  const name = quoteIdentifier(parseSchemaName(schema))
  const everyRole = memberRoles.join(', ')
  return [
    `set local search_path to ${searchPathOf(schema)}`,
    ...[ownerRole, ...memberRoles].map(createRole),
    joinOwner,
    `grant usage, create on schema ${name} to ${ownerRole}`,
    handOver,
    `revoke all on schema ${name} from public`,
    `revoke all on schema ${name} from ${everyRole}`,
    `grant usage on schema ${name} to ${everyRole}`,
    `revoke all on all tables in schema ${name} from public, ${everyRole}`,
    ...privileges.flatMap(grantOn),
    ...functionsOfWriters.map(
      (signature) => `grant execute on function ${signature} to steptrail_writer, steptrail_admin`,
    ),
    ...functionsOfSealers.map((signature) => `grant execute on function ${signature} to steptrail_sealer`),
    ...functionsOfTriggers.map((signature) => `revoke execute on function ${signature} from public`),
    `grant execute on function erase_bodies(uuid, jsonb, uuid[]) to steptrail_admin`,
    ...adminGrants,
    ...privileges.flatMap(secureRows),
  ]
}

/** What writers may do that they have no privileges for: these functions run as the owner, and do one thing each. */
const functionsOfWriters = [
  'ensure_partition(regclass, timestamptz)',
  'use_api_key(text)',
  'api_keys_exist()',
  'begin_request(text, text, text)',
  'end_request(text, text, jsonb)',
] as const

/** A server that seals and does no more looks keys up as well, before it listens beyond its machine. */
const functionsOfSealers = [
  'ensure_partition(regclass, timestamptz)',
  'use_api_key(text)',
  'api_keys_exist()',
] as const

/**
 * Run as the owner, and only by the triggers of our tables, for which nobody needs the right to execute them: whoever has
 * it can put one on a table of their own, and have it write what they like.
 */
const functionsOfTriggers = ['create_step_result_audit()', 'keep_archived_once()', 'refuse_change()'] as const

/** Another program may create it at the same moment, which is as good. */
const createRole = (role: string): string => `do $$
begin
  if to_regrole('${role}') is null then
    create role ${role} nologin;
  end if;
exception
  when duplicate_object or unique_violation then
    null;
end
$$`

/** Only a member may hand tables over to a role; a superuser counts as one. */
const joinOwner = `do $$
begin
  if not pg_has_role(current_user, '${ownerRole}', 'usage') then
    execute format('grant ${ownerRole} to %I', current_user);
  end if;
end
$$`

const handOver = `do $$
declare
  here constant oid := (select oid from pg_namespace where nspname = current_schema());
  relation regclass;
  routine regprocedure;
begin
  for relation in
    select oid from pg_class
    where relnamespace = here
      and relkind in ('r', 'p', 'v')
      and relowner <> '${ownerRole}'::regrole
  loop
    execute format('alter table %s owner to ${ownerRole}', relation);
  end loop;
  for routine in
    select oid from pg_proc
    where pronamespace = here
      and proowner <> '${ownerRole}'::regrole
  loop
    execute format('alter function %s owner to ${ownerRole}', routine);
  end loop;
end
$$`

/** What retention is run with; holds and their releases are facts, which are only added. */
const adminGrants = [
  'grant insert, update, delete on retention_policy, retention_run, retention_doomed to steptrail_admin',
  'grant insert on retention_hold, retention_hold_release to steptrail_admin',
  'grant insert on workflow_execution_audit_archive, audit_event to steptrail_admin',
  ...[
    'retention_close(regclass, date)',
    'retention_copy(regclass, date, uuid, timestamptz)',
    'retention_forget(uuid)',
    'retention_replace(regclass, date, uuid, bigint, bigint)',
    'retention_discard(regclass, date)',
    'retention_free(regclass, date)',
    'retention_keep_rules()',
  ].map((routine) => `grant execute on function ${routine} to steptrail_admin`),
]

function grantOn({
  name,
  writer,
  sealer = [],
  admin = [],
  onlyFor,
  readerMayRead,
}: Privileges): readonly string[] {
  const readers = memberRoles.filter((role) =>
    onlyFor === undefined ? role !== 'steptrail_reader' || readerMayRead : role === onlyFor,
  )
  return [
    `grant select on ${name} to ${readers.join(', ')}`,
    ...(writer.length > 0 ? [`grant ${writer.join(', ')} on ${name} to steptrail_writer`] : []),
    ...(sealer.length > 0
      ? [`grant ${sealer.join(', ')} on ${name} to steptrail_sealer, steptrail_admin`]
      : []),
    ...(admin.length > 0 ? [`grant ${admin.join(', ')} on ${name} to steptrail_admin`] : []),
  ]
}

/**
 * Enabled, not forced: the owner, as whom triggers and functions run, sees every row. It takes each table for itself, and
 * so is left out where it is as it should be, by what the policy of the reader has for a comment: else each deployment
 * would stand in the way of who writes meanwhile, and deadlock with them.
 */
function secureRows({ name, visible }: Privileges): readonly string[] {
  if (visible === null) return []
  const others = memberRoles.filter((role) => role !== 'steptrail_reader')
  const policies = [
    `create policy reader_sees_its_tenant on ${name} for select to steptrail_reader using (${visible})`,
    `create policy others_see_every_tenant on ${name} to ${others.join(', ')} using (true) with check (true)`,
  ]
  return [
    `do $$
declare
  wanted constant text := md5($policies$${policies.join('; ')}$policies$);
begin
  if exists (
    select from pg_policy
    join pg_class as secured on secured.oid = polrelid and relrowsecurity
    where polrelid = '${name}'::regclass
      and polname = 'reader_sees_its_tenant'
      and obj_description(pg_policy.oid, 'pg_policy') = 'as of ' || wanted || ', ' || ${policiesOf(name)}
  ) then
    return;
  end if;
  alter table ${name} enable row level security;
  drop policy if exists reader_sees_its_tenant on ${name};
  drop policy if exists others_see_every_tenant on ${name};
  ${policies.join(';\n  ')};
  execute format(
    'comment on policy reader_sees_its_tenant on ${name} is %L', 'as of ' || wanted || ', ' || ${policiesOf(name)}
  );
end
$$`,
  ]
}

/** In SQL, a digest of the policies that a table has. */
const policiesOf = (name: string): string => `(
  select md5(
    string_agg(
      concat_ws(
        ' ', polname, polcmd, polpermissive, polroles::regrole[], pg_get_expr(polqual, polrelid),
        pg_get_expr(polwithcheck, polrelid)
      ),
      ';' order by polname
    )
  )
  from pg_policy
  where polrelid = '${name}'::regclass
)`
