-- How executions went: one row for each end of an execution, append-only, a partition for each month.
-- The first columns, their order and their types are those that other audit tables of workflows have.

create table workflow_execution_audit (
  id uuid not null default uuid_v7(date_trunc('milliseconds', now())),
  remediation_id varchar(255) not null,
  workflow_name varchar(255) not null,
  workflow_version varchar(64) not null,
  total_steps int not null,
  steps_completed int not null default 0,
  steps_failed int not null default 0,
  total_duration interval,
  outcome varchar(50) not null,
  effectiveness_score float,
  rollbacks_performed int not null default 0,
  step_executions jsonb not null default '[]',
  adaptive_adjustments jsonb not null default '[]',
  completed_at timestamptz,
  status varchar(50),
  error_message text,
  created_at timestamptz not null default date_trunc('milliseconds', now()),
  execution_id text,
  ended_seq bigint,
  score_parameters jsonb,
  tenant text not null default 'default',
  supersedes_seq bigint,
  constraint an_execution_audit_is_known_by_its_id primary key (id, created_at),
  constraint outcome_is_success_failed_or_partial check (outcome in ('success', 'failed', 'partial')),
  constraint counts_are_not_negative check (
    least(total_steps, steps_completed, steps_failed, rollbacks_performed) >= 0
  ),
  constraint no_more_steps_end_than_there_are check (steps_completed + steps_failed <= total_steps),
  constraint durations_are_not_negative check (total_duration >= interval '0'),
  constraint effectiveness_lies_between_0_and_1 check (effectiveness_score between 0 and 1),
  constraint step_executions_are_an_array check (jsonb_typeof(step_executions) = 'array'),
  constraint adaptive_adjustments_are_an_array check (jsonb_typeof(adaptive_adjustments) = 'array'),
  constraint score_parameters_are_an_object check (jsonb_typeof(score_parameters) = 'object'),
  constraint only_an_execution_has_ended_seq check (ended_seq is null or execution_id is not null),
  constraint an_end_supersedes_an_earlier_one check (supersedes_seq < ended_seq),
  constraint texts_are_not_empty check (
    remediation_id <> '' and workflow_name <> '' and workflow_version <> '' and tenant <> ''
  )
)
partition by range (created_at);

create index idx_remediation_id on workflow_execution_audit (remediation_id);
create index idx_workflow_name on workflow_execution_audit (workflow_name);
create index idx_outcome on workflow_execution_audit (outcome);
create index idx_created_at on workflow_execution_audit (created_at);
create index idx_execution_end on workflow_execution_audit (execution_id, ended_seq);

-- Few executions end twice, so that what their later ends supersede is found in a small index.
create index idx_superseded
  on workflow_execution_audit (execution_id, supersedes_seq)
  where supersedes_seq is not null;

comment on table workflow_execution_audit is
  'How executions went, append-only: one row for each end of one of ours, and those that other engines report.';
comment on column workflow_execution_audit.id is 'The row. A UUIDv7 whose time is created_at, unless another engine gave it.';
comment on column workflow_execution_audit.remediation_id is 'The correlation id.';
comment on column workflow_execution_audit.workflow_name is 'Name of the workflow.';
comment on column workflow_execution_audit.workflow_version is 'Version of the workflow.';
comment on column workflow_execution_audit.total_steps is 'Steps that the workflow has; an UNDO is none of its own.';
comment on column workflow_execution_audit.steps_completed is
  'Steps that ended complete, whether or not they were undone later.';
comment on column workflow_execution_audit.steps_failed is 'Steps that failed for good.';
comment on column workflow_execution_audit.total_duration is 'From creation to end; null where it is not known.';
comment on column workflow_execution_audit.outcome is 'success, failed, or partial for what was cancelled.';
comment on column workflow_execution_audit.effectiveness_score is
  'From 0 to 1: the share of steps completed, less penalties for retries and rollbacks.';
comment on column workflow_execution_audit.rollbacks_performed is 'Steps that were rolled back.';
comment on column workflow_execution_audit.step_executions is
  'An array of { step_number, action, duration, status, retries_attempted, error_message }; duration in whole milliseconds.';
comment on column workflow_execution_audit.adaptive_adjustments is
  'An array of { step_number, adjustment_type, reason, timestamp }.';
comment on column workflow_execution_audit.completed_at is 'When it ended.';
comment on column workflow_execution_audit.status is 'The state that it ended in.';
comment on column workflow_execution_audit.error_message is 'The error of the step that failed first.';
comment on column workflow_execution_audit.created_at is 'When the row was made: for ours, when the execution ended.';
comment on column workflow_execution_audit.execution_id is 'The execution, where it is one of ours.';
comment on column workflow_execution_audit.ended_seq is
  'Sequence number of the event that it ended with: tells the ends of one execution apart.';
comment on column workflow_execution_audit.score_parameters is
  'What the score was calculated with: { retry_penalty, rollback_penalty }; null for a score that was given.';
comment on column workflow_execution_audit.tenant is 'Whose it is.';
comment on column workflow_execution_audit.supersedes_seq is
  'ended_seq of the end before, of an execution that an operator has taken up again.';

create trigger trg_refuse_change before update or delete on workflow_execution_audit
  for each row execute function refuse_change();
create trigger trg_refuse_truncate before truncate on workflow_execution_audit
  for each statement execute function refuse_change();

comment on trigger trg_refuse_change on workflow_execution_audit is 'Append-only: no UPDATE, no DELETE.';
comment on trigger trg_refuse_truncate on workflow_execution_audit is 'Append-only: no TRUNCATE.';

alter table workflow_execution_audit enable always trigger trg_refuse_change;
alter table workflow_execution_audit enable always trigger trg_refuse_truncate;

select ensure_partition('workflow_execution_audit', now() + months * interval '1 month')
from generate_series(0, 2) as months;

create table workflow_execution_audit_archive (
  like workflow_execution_audit including defaults including constraints including comments,
  constraint an_archived_audit_is_known_by_its_id primary key (id, created_at)
);

create index workflow_execution_audit_archive_by_time on workflow_execution_audit_archive (created_at);

comment on table workflow_execution_audit_archive is
  'Execution audits that were copied before retention took them, append-only.';

create function keep_archived_once()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if exists (
    select
    from workflow_execution_audit_archive as archived
    where archived.id = new.id
      and archived.created_at = new.created_at
  ) then
    return null;
  end if;
  return new;
end
$$;

comment on function keep_archived_once() is
  'Trigger that passes over what is archived already, so that archiving can be repeated.';

create trigger trg_keep_archived_once before insert on workflow_execution_audit_archive
  for each row execute function keep_archived_once();
create trigger trg_refuse_change before update or delete on workflow_execution_audit_archive
  for each row execute function refuse_change();
create trigger trg_refuse_truncate before truncate on workflow_execution_audit_archive
  for each statement execute function refuse_change();

comment on trigger trg_keep_archived_once on workflow_execution_audit_archive is 'What is archived already is passed over.';
comment on trigger trg_refuse_change on workflow_execution_audit_archive is 'Append-only: no UPDATE, no DELETE.';
comment on trigger trg_refuse_truncate on workflow_execution_audit_archive is 'Append-only: no TRUNCATE.';

alter table workflow_execution_audit_archive enable always trigger trg_refuse_change;
alter table workflow_execution_audit_archive enable always trigger trg_refuse_truncate;

-- What the audit of an execution's end is made from, beside its steps.
alter table workflow_executions
  add column adjustments jsonb not null default '[]',
  add column last_ended_seq bigint,
  add constraint adjustments_are_an_array check (jsonb_typeof(adjustments) = 'array');

comment on column workflow_executions.adjustments is
  'Adjustments made at run time, in order: an array of { stepNumber, adjustmentType, reason, timestamp }.';
comment on column workflow_executions.last_ended_seq is
  'Sequence number of the event that it last ended with; null before its first end.';

update workflow_executions as execution
set adjustments = coalesce(history.adjustments, '[]'),
    last_ended_seq = history.last_ended_seq
from (
  select
    execution_id,
    jsonb_agg(
      jsonb_build_object(
        'stepNumber', details -> 'stepNumber',
        'adjustmentType', details -> 'adjustmentType',
        'reason', coalesce(reason, ''),
        'timestamp', to_char("timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      )
      order by execution_seq
    ) filter (where event_type = 'ADAPTIVE_ADJUSTMENT') as adjustments,
    max(execution_seq) filter (where event_type <> 'ADAPTIVE_ADJUSTMENT') as last_ended_seq
  from audit_event
  where execution_seq is not null
    and (
      event_type in ('ADAPTIVE_ADJUSTMENT', 'ORCHESTRATION_COMPLETED', 'ROLLBACK_COMPLETED', 'ROLLBACK_FAILED')
      or (event_type = 'ORCHESTRATION_CANCELLED' and details ->> 'after' = 'cancelled')
    )
  group by execution_id
) as history
where history.execution_id = execution.execution_id::text;
