/** The names of the values that are read of a history, by their field and number, as Temporal's interface has them. */
export const historyEnums = {
  /** Of `cause`, which other events have with other values. */
  startChildCause: [
    'START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_UNSPECIFIED',
    'START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS',
    'START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_NAMESPACE_NOT_FOUND',
  ],
  retryState: [
    'RETRY_STATE_UNSPECIFIED',
    'RETRY_STATE_IN_PROGRESS',
    'RETRY_STATE_NON_RETRYABLE_FAILURE',
    'RETRY_STATE_TIMEOUT',
    'RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED',
    'RETRY_STATE_RETRY_POLICY_NOT_SET',
    'RETRY_STATE_INTERNAL_SERVER_ERROR',
    'RETRY_STATE_CANCEL_REQUESTED',
  ],
  timeoutType: [
    'TIMEOUT_TYPE_UNSPECIFIED',
    'TIMEOUT_TYPE_START_TO_CLOSE',
    'TIMEOUT_TYPE_SCHEDULE_TO_START',
    'TIMEOUT_TYPE_SCHEDULE_TO_CLOSE',
    'TIMEOUT_TYPE_HEARTBEAT',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>
