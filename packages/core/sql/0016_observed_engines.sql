-- Executions of other engines, which adapters put on record: what their engine shows of them, and how far they are.

alter table workflow_executions
  add column engine_capabilities jsonb,
  add constraint engine_capabilities_are_an_object check (jsonb_typeof(engine_capabilities) = 'object'),
  add constraint only_another_engine_states_its_capabilities check (
    engine <> 'steptrail' or engine_capabilities is null
  );

comment on column workflow_executions.engine_capabilities is
  'Of another engine: what its adapter lets one see, such as { "perAttempt": true, "actor": false }. Null for our own.';

create table observed_sources (
  source_id uuid not null,
  engine text not null,
  last_batch text[] not null default '{}',
  recorded_at timestamptz(3) not null default clock_timestamp(),
  constraint a_source_is_known_by_its_id primary key (source_id),
  constraint an_engine_has_a_name check (engine <> '')
);

comment on table observed_sources is
  'Installations of other engines whose history is put on record. Whoever does so holds the lock of its row.';
comment on column observed_sources.source_id is 'The installation, as its adapter names it.';
comment on column observed_sources.engine is 'The engine, such as dbos.';
comment on column observed_sources.last_batch is
  'What was put on record last, by the ids that the source gave it: should it come again, it is known.';
comment on column observed_sources.recorded_at is 'When something of it was put on record last.';
