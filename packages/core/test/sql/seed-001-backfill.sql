-- 5. Backfill existing transitions (NULL attribution for historical)
INSERT INTO workflow_step_result_audit (
    workflow_step_uuid,
    workflow_step_transition_uuid,
    task_uuid,
    worker_uuid,
    correlation_id,
    success,
    execution_time_ms
)
SELECT
    t.workflow_step_uuid,
    t.workflow_step_transition_uuid,
    ws.task_uuid,
    NULL,  -- No historical attribution
    NULL,
    t.to_state = 'enqueued_for_orchestration',
    ((t.metadata->>'event')::JSONB->'metadata'->>'execution_time_ms')::BIGINT
FROM workflow_step_transitions t
JOIN workflow_steps ws ON ws.workflow_step_uuid = t.workflow_step_uuid
WHERE t.to_state IN ('enqueued_for_orchestration', 'enqueued_as_error_for_orchestration')
ON CONFLICT (workflow_step_uuid, workflow_step_transition_uuid) DO NOTHING;
