-- Who may use the server: keys, and requests that may be repeated.

create table api_keys (
  key_id uuid not null default uuid_v7(),
  name text not null,
  secret_sha256 text not null,
  scopes text[] not null,
  tenant text,
  created_at timestamptz(3) not null default date_trunc('milliseconds', now()),
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  revoked_at timestamptz(3),
  constraint a_key_is_known_by_its_id primary key (key_id),
  constraint a_name_stays_with_its_key unique (name),
  constraint a_secret_belongs_to_one_key unique (secret_sha256),
  constraint a_secret_is_kept_as_its_sha_256 check (secret_sha256 ~ '^[0-9a-f]{64}$'),
  constraint a_name_has_1_to_255_characters check (length(name) between 1 and 255),
  constraint a_key_has_scopes_that_are_known check (
    cardinality(scopes) >= 1
    and scopes <@ array['record', 'engine', 'discover', 'read', 'operate', 'admin']
  ),
  constraint a_tenant_s_key_reaches_no_other_tenant check (
    tenant is null
    or (tenant <> '' and not scopes && array['engine', 'admin'])
  )
);

comment on table api_keys is 'Keys to the server. What they are is not kept, only what they hash to.';
comment on column api_keys.key_id is 'The key.';
comment on column api_keys.name is 'What its requests are recorded under; never given to another key.';
comment on column api_keys.secret_sha256 is 'SHA-256 of the secret, in hexadecimal. The secret is random: 256 bits.';
comment on column api_keys.scopes is 'What it may do.';
comment on column api_keys.tenant is 'The one tenant that it sees and records for; null: every tenant.';
comment on column api_keys.created_at is 'When it was made.';
comment on column api_keys.expires_at is 'When it ends; null: not by itself.';
comment on column api_keys.last_used_at is 'When it was last used, to within a minute; null: never.';
comment on column api_keys.revoked_at is 'When it was revoked; null: it was not.';

create function use_api_key(secret text)
returns table (key_id uuid, name text, scopes text[], tenant text, state text)
language plpgsql
security definer
set search_path from current
as $$
begin
  update api_keys as used
  set last_used_at = date_trunc('milliseconds', now())
  where used.secret_sha256 = secret
    and used.revoked_at is null
    and (used.expires_at is null or used.expires_at > now())
    and (used.last_used_at is null or used.last_used_at < now() - interval '1 minute');
  return query
    select
      found.key_id,
      found.name,
      found.scopes,
      found.tenant,
      case
        when found.revoked_at is not null then 'revoked'
        when found.expires_at <= now() then 'expired'
        else 'active'
      end
    from api_keys as found
    where found.secret_sha256 = secret;
end
$$;

comment on function use_api_key(text) is
  'The key whose secret has this SHA-256, and whether it counts. For a server that may not read the table.';

create function api_keys_exist()
returns boolean
language sql
stable
security definer
set search_path from current
return (select exists (select from api_keys));

comment on function api_keys_exist() is
  'Whether there has ever been a key, so that to revoke the last one opens nothing.';

create table idempotent_requests (
  caller text not null,
  idempotency_key text not null,
  request_sha256 text not null,
  first_seen_at timestamptz(3) not null default date_trunc('milliseconds', now()),
  answer jsonb,
  constraint a_caller_s_key_stands_for_one_request primary key (caller, idempotency_key)
);

create index idempotent_requests_by_time on idempotent_requests (first_seen_at);

comment on table idempotent_requests is 'Requests that were sent with an Idempotency-Key, for a day.';
comment on column idempotent_requests.caller is 'Who sent it.';
comment on column idempotent_requests.idempotency_key is 'The key it was sent with.';
comment on column idempotent_requests.request_sha256 is 'SHA-256 of method, path and body, in hexadecimal.';
comment on column idempotent_requests.first_seen_at is 'When it first came.';
comment on column idempotent_requests.answer is 'What was answered, where it cannot be found out again.';

create function begin_request(by_caller text, by_key text, digest text)
returns table (request_sha256 text, first_seen_at timestamptz, answer jsonb, is_new boolean)
language plpgsql
security definer
set search_path from current
as $$
begin
  delete from idempotent_requests as old
  where old.first_seen_at < now() - interval '1 day';
  return query
    with made as (
      insert into idempotent_requests as request (caller, idempotency_key, request_sha256)
      values (by_caller, by_key, digest)
      on conflict (caller, idempotency_key) do nothing
      returning request.request_sha256, request.first_seen_at::timestamptz, request.answer
    )
    select made.*, true from made;
  if not found then
    return query
      select request.request_sha256, request.first_seen_at::timestamptz, request.answer, false
      from idempotent_requests as request
      where request.caller = by_caller
        and request.idempotency_key = by_key;
  end if;
end
$$;

comment on function begin_request(text, text, text) is
  'Notes a request with an Idempotency-Key, or finds the one that came before. Forgets those older than a day.';

create function end_request(by_caller text, by_key text, given jsonb)
returns void
language sql
security definer
set search_path from current
begin atomic
  update idempotent_requests
  set answer = given
  where caller = by_caller
    and idempotency_key = by_key;
end;

comment on function end_request(text, text, jsonb) is 'Notes what was answered to a request.';

revoke execute on function use_api_key(text) from public;
revoke execute on function api_keys_exist() from public;
revoke execute on function begin_request(text, text, text) from public;
revoke execute on function end_request(text, text, jsonb) from public;
