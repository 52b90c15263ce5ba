-- The log: which event is which leaf of the Merkle tree, the tree's tiles, and what was signed. See spec/log.md.

create table log_trees (
  log_id int not null,
  origin text not null,
  fence bigint not null default 0,
  tree_size bigint not null default 0,
  partial_tiles jsonb not null default '[]',
  feed_position text,
  checkpoint text,
  checkpoint_size bigint not null default 0,
  signed_at timestamptz,
  predecessor text,
  begun_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  constraint a_log_is_known_by_its_number primary key (log_id),
  constraint a_log_has_an_origin_of_its_own unique (origin),
  constraint logs_are_numbered_from_1 check (log_id >= 1),
  constraint only_the_first_log_has_no_predecessor check ((log_id = 1) = (predecessor is null)),
  constraint no_more_is_signed_than_there_is check (checkpoint_size between 0 and tree_size),
  constraint partial_tiles_are_an_array check (jsonb_typeof(partial_tiles) = 'array')
);

create unique index log_trees_that_grow on log_trees ((true)) where ended_at is null;

comment on table log_trees is
  'One row for each log: how large it is, and what was signed last. One log grows; the others ended with a restart.';
comment on column log_trees.log_id is 'The log: 1, 2, 3 …, one more with each restart.';
comment on column log_trees.origin is 'Its name in checkpoints.';
comment on column log_trees.fence is 'Grows with each change of the row, so that who works on what it was is refused.';
comment on column log_trees.tree_size is 'Leaves in the tree.';
comment on column log_trees.partial_tiles is
  'For each level, from the leaves up, the hashes of the tile that is not full yet, in base64.';
comment on column log_trees.feed_position is 'How far events have been taken.';
comment on column log_trees.checkpoint is 'The last signed checkpoint.';
comment on column log_trees.checkpoint_size is 'Leaves that it covers.';
comment on column log_trees.signed_at is 'When it was signed.';
comment on column log_trees.predecessor is 'The last checkpoint that was known of the log before, as its first entry names it.';
comment on column log_trees.begun_at is 'When it began.';
comment on column log_trees.ended_at is 'When another log took its place; null for the one that grows.';

create function refuse_to_shrink()
returns trigger
language plpgsql
as $$
begin
  if new.log_id is distinct from old.log_id
    or new.origin is distinct from old.origin
    or new.predecessor is distinct from old.predecessor
    or new.tree_size < old.tree_size
    or new.checkpoint_size < old.checkpoint_size
    or new.fence <= old.fence
    or old.ended_at is not null
  then
    raise exception 'UPDATE of % is refused: a log only grows, and one that ended does not', tg_table_name
      using
        errcode = 'ST001',
        hint = 'begin another with `steptrail log restart`',
        schema = tg_table_schema,
        table = tg_table_name;
  end if;
  return new;
end
$$;

comment on function refuse_to_shrink() is
  'Trigger that refuses, with SQLSTATE ST001, whatever would make a log smaller, rename it, or wake one that ended.';

create table log_entries (
  log_id int not null,
  log_index bigint not null,
  event_id uuid not null,
  event_timestamp timestamptz(3) not null,
  sealed_at timestamptz not null default clock_timestamp(),
  constraint an_entry_is_known_by_its_index primary key (log_id, log_index),
  constraint an_event_is_sealed_once unique (event_id),
  constraint indexes_start_at_0 check (log_index >= 0)
);

comment on table log_entries is 'Which event is which leaf, append-only. The leaf itself is made from the event.';
comment on column log_entries.log_id is 'The log.';
comment on column log_entries.log_index is '0, 1, 2 … without gaps within a log.';
comment on column log_entries.event_id is 'The event.';
comment on column log_entries.event_timestamp is 'Its timestamp, which is part of its key.';
comment on column log_entries.sealed_at is 'When it was given its index.';

create table log_tiles (
  log_id int not null,
  level int not null,
  tile_index bigint not null,
  hashes bytea not null,
  constraint a_tile_is_known_by_its_place primary key (log_id, level, tile_index),
  constraint a_stored_tile_has_256_hashes check (octet_length(hashes) = 8192),
  constraint places_of_tiles_are_not_negative check (level between 0 and 63 and tile_index >= 0)
);

alter table log_tiles alter column hashes set storage external;

comment on table log_tiles is 'The full tiles of each log, append-only. Those that are not full yet are in log_trees.';
comment on column log_tiles.log_id is 'The log.';
comment on column log_tiles.level is '0 holds leaf hashes; each hash of a level is the root of a tile of the level below.';
comment on column log_tiles.tile_index is 'Place within the level, from 0.';
comment on column log_tiles.hashes is '256 hashes of 32 bytes, one after another.';

create table log_checkpoints (
  log_id int not null,
  tree_size bigint not null,
  signed_at timestamptz not null,
  checkpoint text not null,
  constraint a_checkpoint_is_known_by_its_size primary key (log_id, tree_size),
  constraint sizes_are_not_negative check (tree_size >= 0)
);

comment on table log_checkpoints is 'Checkpoints of the past, append-only: at most one a minute, and the last of each log.';
comment on column log_checkpoints.log_id is 'The log.';
comment on column log_checkpoints.tree_size is 'Leaves that it covers.';
comment on column log_checkpoints.signed_at is 'When it was signed.';
comment on column log_checkpoints.checkpoint is 'The signed note.';

create table log_keys (
  log_id int not null,
  vkey text not null,
  since_size bigint not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint a_key_is_known_by_its_vkey primary key (log_id, vkey),
  constraint keys_begin_at_a_size check (since_size >= 0)
);

comment on table log_keys is 'Public keys that signed a log, append-only; the last one signs it now.';
comment on column log_keys.log_id is 'The log.';
comment on column log_keys.vkey is 'The key as C2SP signed-note writes it.';
comment on column log_keys.since_size is 'Leaves that the tree had when it began to sign.';
comment on column log_keys.created_at is 'When it was made known.';

create trigger trg_refuse_to_shrink before update on log_trees
  for each row execute function refuse_to_shrink();
create trigger trg_refuse_change before delete on log_trees
  for each row execute function refuse_change();
create trigger trg_refuse_truncate before truncate on log_trees
  for each statement execute function refuse_change();

comment on trigger trg_refuse_to_shrink on log_trees is 'A log only grows.';
comment on trigger trg_refuse_change on log_trees is 'No DELETE.';
comment on trigger trg_refuse_truncate on log_trees is 'No TRUNCATE.';

alter table log_trees enable always trigger trg_refuse_to_shrink;
alter table log_trees enable always trigger trg_refuse_change;
alter table log_trees enable always trigger trg_refuse_truncate;

do $$
declare
  relation text;
begin
  foreach relation in array array['log_entries', 'log_tiles', 'log_checkpoints', 'log_keys'] loop
    execute format(
      'create trigger trg_refuse_change before update or delete on %I for each row execute function refuse_change()',
      relation
    );
    execute format(
      'create trigger trg_refuse_truncate before truncate on %I for each statement execute function refuse_change()',
      relation
    );
    execute format('comment on trigger trg_refuse_change on %I is ''Append-only: no UPDATE, no DELETE.''', relation);
    execute format('comment on trigger trg_refuse_truncate on %I is ''Append-only: no TRUNCATE.''', relation);
    execute format('alter table %I enable always trigger trg_refuse_change', relation);
    execute format('alter table %I enable always trigger trg_refuse_truncate', relation);
  end loop;
end
$$;

-- Erasure: the body of an event goes, its envelope and every proof stay. See spec/leaf.md.

create table log_erasures (
  event_id uuid not null,
  erasure_id uuid not null,
  body_hash text not null,
  erased_at timestamptz not null default clock_timestamp(),
  tx bigint not null default pg_current_xact_id()::text::bigint,
  constraint an_event_is_erased_once primary key (event_id),
  constraint body_hash_is_a_sha256 check (body_hash ~ '^[0-9a-f]{64}$')
);

create index log_erasures_by_erasure on log_erasures (erasure_id);

comment on table log_erasures is 'Events whose body was erased, append-only, with what proves that there was one.';
comment on column log_erasures.event_id is 'The event.';
comment on column log_erasures.erasure_id is 'The event TRAIL_ERASED that says by whom and why.';
comment on column log_erasures.body_hash is 'The commitment to the body that was erased.';
comment on column log_erasures.erased_at is 'When it was erased.';
comment on column log_erasures.tx is 'The transaction that erased it: the only one in which the body may go.';

create trigger trg_refuse_change before update or delete on log_erasures
  for each row execute function refuse_change();
create trigger trg_refuse_truncate before truncate on log_erasures
  for each statement execute function refuse_change();

comment on trigger trg_refuse_change on log_erasures is 'Append-only: no UPDATE, no DELETE.';
comment on trigger trg_refuse_truncate on log_erasures is 'Append-only: no TRUNCATE.';

alter table log_erasures enable always trigger trg_refuse_change;
alter table log_erasures enable always trigger trg_refuse_truncate;

create function padded_key(salt uuid, pad text)
returns bytea
language sql
immutable
parallel safe
return int8send(
  (('x' || substr(replace(salt::text, '-', ''), 1, 16))::bit(64) # ('x' || repeat(pad, 8))::bit(64))::bigint
)
|| int8send(
  (('x' || substr(replace(salt::text, '-', ''), 17, 16))::bit(64) # ('x' || repeat(pad, 8))::bit(64))::bigint
)
|| decode(repeat(pad, 48), 'hex');

comment on function padded_key(uuid, text) is 'The block that HMAC-SHA256 hashes before the message, for a key of 16 bytes.';

create function envelope_key(salt uuid)
returns uuid
language sql
immutable
parallel safe
return encode(
  substring(
    sha256(padded_key(salt, '5c') || sha256(padded_key(salt, '36') || convert_to('envelope', 'UTF8')))
    from 1 for 16
  ),
  'hex'
)::uuid;

comment on function envelope_key(uuid) is
  'The key of an event''s envelope: the first 16 bytes of HMAC-SHA256 of `envelope` under its salt. It stays when the salt is erased.';

create function erased_metadata(metadata jsonb, erasure uuid)
returns jsonb
language sql
immutable
parallel safe
return jsonb_strip_nulls(
  jsonb_build_object(
    'worker_uuid', metadata -> 'worker_uuid',
    'outcome_unknown', metadata -> 'outcome_unknown',
    'order', metadata -> 'order',
    'erased_by', erasure
  )
);

comment on function erased_metadata(jsonb, uuid) is 'What is left of a transition''s metadata when it is erased.';

create function without_key(list jsonb, key text)
returns jsonb
language sql
immutable
parallel safe
return (
  select coalesce(jsonb_agg(element - key order by place), '[]')
  from jsonb_array_elements(list) with ordinality as listed(element, place)
);

comment on function without_key(jsonb, text) is 'A list of objects without one of their keys.';

create function refuse_change_but_erasure()
returns trigger
language plpgsql
set search_path from current
as $$
declare
  body constant text[] := array[
    'correlation_id', 'trace_id', 'span_id', 'actor_type', 'actor_id', 'resource_type', 'resource_id', 'action',
    'reason', 'message', 'details', 'salt'
  ];
  said constant text[] := array['remediation_id', 'error_message', 'step_executions', 'adaptive_adjustments'];
  erasure uuid;
begin
  if tg_op = 'UPDATE' and tg_argv[0] = 'event' then
    select erasure_id into erasure
    from log_erasures
    where event_id = old.id
      and tx = pg_current_xact_id()::text::bigint;
    if erasure is not null
      and to_jsonb(new) - body = to_jsonb(old) - body
      and jsonb_strip_nulls(to_jsonb(new)) ?| (body[1:11]) is false
      and new.salt = envelope_key(old.salt)
    then
      return new;
    end if;
  elsif tg_op = 'UPDATE' and tg_argv[0] = 'transition' then
    select erasure_id into erasure
    from log_erasures
    where erasure_id = (new.metadata ->> 'erased_by')::uuid
      and tx = pg_current_xact_id()::text::bigint
    limit 1;
    if erasure is not null
      and to_jsonb(new) - 'metadata' = to_jsonb(old) - 'metadata'
      and new.metadata = erased_metadata(old.metadata, erasure)
    then
      return new;
    end if;
  elsif tg_op = 'UPDATE' and tg_argv[0] = 'result audit' then
    if to_jsonb(new) - 'correlation_id' = to_jsonb(old) - 'correlation_id'
      and new.correlation_id is null
      and exists (select from log_erasures where tx = pg_current_xact_id()::text::bigint)
    then
      return new;
    end if;
  elsif tg_op = 'UPDATE' and tg_argv[0] = 'execution audit' then
    if to_jsonb(new) - said = to_jsonb(old) - said
      and new.remediation_id = old.execution_id
      and new.error_message is null
      and new.step_executions = without_key(old.step_executions, 'error_message')
      and new.adaptive_adjustments = without_key(old.adaptive_adjustments, 'reason')
      and exists (select from log_erasures where tx = pg_current_xact_id()::text::bigint)
    then
      return new;
    end if;
  end if;
  raise exception '% of % is refused: what is on record does not change', tg_op, tg_table_name
    using
      errcode = 'ST001',
      hint = case
        when tg_op = 'UPDATE' then 'insert a new row that says what is different'
        else 'rows go only with their partition, when retention drops it'
      end,
      schema = tg_table_schema,
      table = tg_table_name;
end
$$;

comment on function refuse_change_but_erasure() is
  'Trigger that refuses, with SQLSTATE ST001, every UPDATE but the one by which erase_bodies erases.';

do $$
declare
  relation text;
  kind text;
begin
  for relation, kind in
    values
      ('audit_event', 'event'),
      ('workflow_step_transitions', 'transition'),
      ('workflow_step_result_audit', 'result audit'),
      ('workflow_execution_audit', 'execution audit'),
      ('workflow_execution_audit_archive', 'execution audit')
  loop
    execute format('drop trigger trg_refuse_change on %I', relation);
    execute format(
      'create trigger trg_refuse_change before update on %I for each row execute function refuse_change_but_erasure(%L)',
      relation, kind
    );
    execute format(
      'create trigger trg_refuse_delete before delete on %I for each row execute function refuse_change()', relation
    );
    execute format('comment on trigger trg_refuse_change on %I is ''Append-only: no UPDATE but erasure.''', relation);
    execute format('comment on trigger trg_refuse_delete on %I is ''Append-only: no DELETE.''', relation);
    execute format('alter table %I enable always trigger trg_refuse_change', relation);
    execute format('alter table %I enable always trigger trg_refuse_delete', relation);
  end loop;
end
$$;

create function erase_bodies(erasure uuid, bodies jsonb, executions uuid[])
returns jsonb
language plpgsql
security definer
set search_path from current
as $$
declare
  events bigint;
  transitions bigint;
  steps bigint;
begin
  if not exists (select from audit_event where id = erasure and event_type = 'TRAIL_ERASED') then
    raise exception 'no event TRAIL_ERASED has the id %', erasure
      using
        errcode = 'invalid_parameter_value',
        hint = 'record by whom and why before you erase, in the same transaction';
  end if;

  insert into log_erasures (event_id, erasure_id, body_hash)
  select entry.event_id, erasure, body.hash
  from jsonb_to_recordset(bodies) as body(id uuid, hash text)
  join log_entries as entry on entry.event_id = body.id;
  get diagnostics events = row_count;

  if events <> jsonb_array_length(bodies) then
    raise exception '% of % events are not in the log yet', jsonb_array_length(bodies) - events, jsonb_array_length(bodies)
      using
        errcode = 'object_not_in_prerequisite_state',
        hint = 'seal first: what was never sealed would leave no proof';
  end if;

  update audit_event as event
  set
    correlation_id = null,
    trace_id = null,
    span_id = null,
    actor_type = null,
    actor_id = null,
    resource_type = null,
    resource_id = null,
    action = null,
    reason = null,
    message = null,
    details = null,
    salt = envelope_key(event.salt)
  from log_entries as entry
  join log_erasures as erased on erased.event_id = entry.event_id
  where erased.erasure_id = erasure
    and event.id = entry.event_id
    and event."timestamp" = entry.event_timestamp;

  update workflow_step_transitions
  set metadata = erased_metadata(metadata, erasure)
  where execution_id = any(executions);
  get diagnostics transitions = row_count;

  update workflow_step_result_audit
  set correlation_id = null
  where task_uuid = any(executions)
    and correlation_id is not null;

  update workflow_execution_audit
  set
    remediation_id = execution_id,
    error_message = null,
    step_executions = without_key(step_executions, 'error_message'),
    adaptive_adjustments = without_key(adaptive_adjustments, 'reason')
  where execution_id = any(executions::text[]);

  update workflow_execution_audit_archive
  set
    remediation_id = execution_id,
    error_message = null,
    step_executions = without_key(step_executions, 'error_message'),
    adaptive_adjustments = without_key(adaptive_adjustments, 'reason')
  where execution_id = any(executions::text[]);

  update workflow_steps
  set input = null, output = null, last_error = null
  where execution_id = any(executions);
  get diagnostics steps = row_count;

  update workflow_executions
  set
    input = null,
    output = null,
    actor_type = null,
    actor_id = null,
    idempotency_key = null,
    correlation_id = execution_id::text
  where execution_id = any(executions);

  return jsonb_build_object('events', events, 'transitions', transitions, 'steps', steps);
end
$$;

comment on function erase_bodies(uuid, jsonb, uuid[]) is
  'Erases the bodies of sealed events, and what executions took, gave and were told, in the name of an event TRAIL_ERASED. Counts what it reached.';

revoke execute on function erase_bodies(uuid, jsonb, uuid[]) from public;
