/** The audit of an execution as it is posted: one step, which succeeded. */
export const postedAudit = {
  workflow_name: 'payroll',
  workflow_version: '1',
  total_steps: 1,
  steps_completed: 1,
  steps_failed: 0,
  total_duration_ms: 1_000,
  outcome: 'success',
  effectiveness_score: 0.9,
}
