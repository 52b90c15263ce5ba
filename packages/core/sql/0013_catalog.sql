-- The catalogue: workflows that are on offer, by what they do, and in which situations.

create table workflow_action_types (
  tenant text not null default 'default',
  action_type text not null,
  what text not null,
  when_to_use text not null,
  when_not_to_use text not null,
  preconditions text not null,
  status text not null default 'active',
  registered_at timestamptz(3) not null default date_trunc('milliseconds', now()),
  changed_at timestamptz(3) not null default date_trunc('milliseconds', now()),
  constraint an_action_type_is_known_by_its_name primary key (tenant, action_type),
  constraint an_action_type_is_active_or_disabled check (status in ('active', 'disabled')),
  constraint names_of_action_types_are_not_empty check (action_type <> '' and what <> '' and tenant <> '')
);

comment on table workflow_action_types is 'What workflows do: the words by which they are looked up.';
comment on column workflow_action_types.tenant is 'Whose it is.';
comment on column workflow_action_types.action_type is 'Its name, such as ScaleReplicas.';
comment on column workflow_action_types.what is 'What it does.';
comment on column workflow_action_types.when_to_use is 'When it helps.';
comment on column workflow_action_types.when_not_to_use is 'When it does not.';
comment on column workflow_action_types.preconditions is 'What has to be so before.';
comment on column workflow_action_types.status is 'active, or disabled: then no workflow of it is offered.';
comment on column workflow_action_types.registered_at is 'When it was registered first.';
comment on column workflow_action_types.changed_at is 'When it was changed last.';

create table workflow_catalog (
  tenant text not null default 'default',
  workflow_id uuid not null,
  workflow_name text not null,
  version text not null,
  action_type text not null,
  title text not null,
  description text not null,
  labels jsonb not null,
  custom_labels jsonb not null default '{}',
  detected_labels jsonb not null default '{}',
  parameters jsonb not null,
  owner text,
  maintainer text,
  status text not null default 'active',
  disabled_reason text,
  previous_version text,
  version_notes text,
  approved_by text,
  approved_at timestamptz(3),
  expected_success_rate float8,
  content_hash text not null,
  definition jsonb,
  registered_at timestamptz(3) not null default date_trunc('milliseconds', now()),
  status_changed_at timestamptz(3) not null default date_trunc('milliseconds', now()),
  search_text tsvector not null generated always as (
    to_tsvector(
      'english'::regconfig,
      workflow_name || ' ' || title || ' ' || description || ' ' || action_type || ' ' || labels::text || ' '
        || custom_labels::text
    )
  ) stored,
  constraint a_workflow_on_offer_is_known_by_its_id primary key (tenant, workflow_id),
  constraint a_version_on_offer_has_one_content unique (tenant, workflow_name, version),
  constraint a_workflow_does_what_its_action_type_says
    foreign key (tenant, action_type) references workflow_action_types (tenant, action_type),
  constraint a_workflow_is_active_disabled_or_deprecated check (status in ('active', 'disabled', 'deprecated')),
  constraint what_is_not_active_says_why check ((status = 'active') = (disabled_reason is null)),
  constraint labels_of_a_workflow_are_objects check (
    jsonb_typeof(labels) = 'object'
    and jsonb_typeof(custom_labels) = 'object'
    and jsonb_typeof(detected_labels) = 'object'
  ),
  constraint parameters_are_a_schema check (jsonb_typeof(parameters) = 'object'),
  constraint a_success_rate_lies_between_0_and_1 check (expected_success_rate between 0 and 1),
  constraint a_content_hash_is_a_sha_256 check (content_hash ~ '^sha256:[0-9a-f]{64}$'),
  constraint names_on_offer_are_not_empty check (
    workflow_name <> '' and version <> '' and title <> '' and tenant <> ''
  )
);

create unique index one_version_of_a_workflow_is_active
  on workflow_catalog (tenant, workflow_name)
  where status = 'active';
create index workflow_catalog_by_action on workflow_catalog (tenant, action_type);

comment on table workflow_catalog is 'Workflows on offer, one row for each version. What a version is never changes; whether it is offered does.';
comment on column workflow_catalog.tenant is 'Whose it is.';
comment on column workflow_catalog.workflow_id is 'UUIDv5 of the content hash: the same content has the same id everywhere.';
comment on column workflow_catalog.workflow_name is 'Name of the workflow.';
comment on column workflow_catalog.version is 'Version of the workflow; with its name it stands for one content.';
comment on column workflow_catalog.action_type is 'What it does.';
comment on column workflow_catalog.title is 'Its name for people.';
comment on column workflow_catalog.description is 'What it does, for people and agents.';
comment on column workflow_catalog.labels is
  'Where it may be used: { severity[], component[], environment[], priority[] }; * stands for any value.';
comment on column workflow_catalog.custom_labels is 'Further labels, each a list of values; they move the score.';
comment on column workflow_catalog.detected_labels is 'What it is made for, true or false by label; they move the score.';
comment on column workflow_catalog.parameters is 'JSON Schema of its parameters.';
comment on column workflow_catalog.owner is 'Who answers for it.';
comment on column workflow_catalog.maintainer is 'Whom to ask.';
comment on column workflow_catalog.status is 'active, disabled or deprecated. Only what is active is offered.';
comment on column workflow_catalog.disabled_reason is 'Why it is not active.';
comment on column workflow_catalog.previous_version is 'The version before it.';
comment on column workflow_catalog.version_notes is 'What is new in it.';
comment on column workflow_catalog.approved_by is 'Who approved it.';
comment on column workflow_catalog.approved_at is 'When it was approved.';
comment on column workflow_catalog.expected_success_rate is 'From 0 to 1: what its owner expects of it.';
comment on column workflow_catalog.content_hash is 'SHA-256 of the canonical JSON of its content.';
comment on column workflow_catalog.definition is 'What is executed, where it is known here.';
comment on column workflow_catalog.registered_at is 'When it was registered.';
comment on column workflow_catalog.status_changed_at is 'When its status changed last.';
comment on column workflow_catalog.search_text is 'What the deprecated search finds it by.';

create function refuse_other_content()
returns trigger
language plpgsql
as $$
declare
  -- A generated column is not made yet when this runs.
  offer constant text[] := array['status', 'disabled_reason', 'status_changed_at', 'search_text'];
begin
  if to_jsonb(new) - offer = to_jsonb(old) - offer then
    return new;
  end if;
  raise exception 'UPDATE of % is refused: a version stands for one content', tg_table_name
    using
      errcode = 'ST001',
      hint = 'register the changed workflow under a new version',
      schema = tg_table_schema,
      table = tg_table_name;
end
$$;

comment on function refuse_other_content() is
  'Trigger that refuses, with SQLSTATE ST001, every UPDATE of a workflow on offer but that of its status.';

create table workflow_catalog_weights (
  tenant text not null default 'default',
  weights_version int not null,
  weights jsonb not null,
  created_at timestamptz(3) not null default date_trunc('milliseconds', now()),
  constraint weights_are_known_by_their_version primary key (tenant, weights_version),
  constraint version_1_of_weights_is_built_in check (weights_version >= 2),
  constraint weights_are_an_object check (jsonb_typeof(weights) = 'object')
);

comment on table workflow_catalog_weights is
  'What labels weigh in the score, append-only: the highest version counts. Version 1 is built in.';
comment on column workflow_catalog_weights.tenant is 'Whose catalogue they are for.';
comment on column workflow_catalog_weights.weights_version is '2, 3, 4 …: named by every event with a score.';
comment on column workflow_catalog_weights.weights is '{ base, boosts, penalties }.';
comment on column workflow_catalog_weights.created_at is 'Since when they count.';

create table workflow_catalog_revision (
  tenant text not null,
  revision bigint not null,
  constraint a_catalogue_has_one_revision primary key (tenant)
);

comment on table workflow_catalog_revision is
  'Grows with each change of a catalogue, so that who has read it knows whether it is still so.';
comment on column workflow_catalog_revision.tenant is 'Whose catalogue it is.';
comment on column workflow_catalog_revision.revision is '1, 2, 3 …';

create function count_catalog_change()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  insert into workflow_catalog_revision (tenant, revision)
  select distinct tenant, 1
  from changed
  order by tenant
  on conflict (tenant) do update
  set revision = workflow_catalog_revision.revision + 1;
  return null;
end
$$;

comment on function count_catalog_change() is 'Trigger that notes that a catalogue is another than before.';

revoke execute on function count_catalog_change() from public;

do $$
declare
  relation text;
begin
  foreach relation in array array['workflow_action_types', 'workflow_catalog', 'workflow_catalog_weights'] loop
    execute format(
      'create trigger trg_count_insert after insert on %I
         referencing new table as changed
         for each statement execute function count_catalog_change()',
      relation
    );
    execute format(
      'create trigger trg_count_update after update on %I
         referencing new table as changed
         for each statement execute function count_catalog_change()',
      relation
    );
    execute format(
      'create trigger trg_refuse_delete before delete on %I for each row execute function refuse_change()', relation
    );
    execute format(
      'create trigger trg_refuse_truncate before truncate on %I for each statement execute function refuse_change()',
      relation
    );
    execute format('comment on trigger trg_count_insert on %I is ''Counts changes of the catalogue.''', relation);
    execute format('comment on trigger trg_count_update on %I is ''Counts changes of the catalogue.''', relation);
    execute format('comment on trigger trg_refuse_delete on %I is ''No DELETE.''', relation);
    execute format('comment on trigger trg_refuse_truncate on %I is ''No TRUNCATE.''', relation);
    execute format('alter table %I enable always trigger trg_count_insert', relation);
    execute format('alter table %I enable always trigger trg_count_update', relation);
    execute format('alter table %I enable always trigger trg_refuse_delete', relation);
    execute format('alter table %I enable always trigger trg_refuse_truncate', relation);
  end loop;
end
$$;

create trigger trg_refuse_change before update on workflow_catalog
  for each row execute function refuse_other_content();
create trigger trg_refuse_change before update on workflow_catalog_weights
  for each row execute function refuse_change();

comment on trigger trg_refuse_change on workflow_catalog is 'A version stands for one content.';
comment on trigger trg_refuse_change on workflow_catalog_weights is 'Append-only: no UPDATE.';

alter table workflow_catalog enable always trigger trg_refuse_change;
alter table workflow_catalog_weights enable always trigger trg_refuse_change;
