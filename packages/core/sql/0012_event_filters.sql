-- An index for each filter of the list of events, in the order of the list. Without one, a page by a value that few
-- events have, or that none has had lately, reads every event of its time.

create index audit_event_by_source on audit_event (coalesce(service_name, 'system'), id);

create index audit_event_by_workflow
  on audit_event (workflow_name, id)
  where workflow_name is not null;

create index audit_event_by_step
  on audit_event (step_name, id)
  where step_name is not null;

create index audit_event_by_actor
  on audit_event (actor_id, id)
  where actor_id is not null;

create index audit_event_by_action
  on audit_event (action, id)
  where action is not null;

-- What most events have alike is found in the order of the key; these hold the others.
create index audit_event_by_result
  on audit_event (
    coalesce(status, case when severity in ('error', 'critical') then 'FAILED' else 'SUCCESS' end),
    id
  )
  where coalesce(status, case when severity in ('error', 'critical') then 'FAILED' else 'SUCCESS' end) <> 'SUCCESS';

create index audit_event_by_severity
  on audit_event (severity, id)
  where severity <> 'info';

create index audit_event_by_tenant
  on audit_event (tenant, id)
  where tenant <> 'default';

create index audit_event_by_entity_type
  on audit_event (entity_type, id)
  where entity_type in ('SELECTION', 'TRAIL');

create index audit_event_of_undo
  on audit_event (id)
  where operation_type = 'UNDO';
