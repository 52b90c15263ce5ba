import { executionStates, type ExecutionState } from '@steptrail/workflow/states'
import classes from './status-badge.module.css'

const signs: Readonly<Record<ExecutionState, readonly [sign: string, words: string]>> = {
  pending: ['·', 'pending'],
  running: ['▶', 'running'],
  paused: ['‖', 'paused'],
  blocked: ['!', 'blocked'],
  rolling_back: ['↶', 'rolling back'],
  completed: ['✓', 'completed'],
  failed: ['↶', 'failed, rolled back'],
  rollback_failed: ['✗', 'rollback failed'],
  cancelled: ['⊘', 'cancelled'],
}

/** What a status of an execution is called. */
const statusWords = (status: ExecutionState): string => signs[status][1]

/** The statuses with what they are called. */
export const statusChoices = executionStates.map((value) => ({ value, label: statusWords(value) }))

/** How an execution stands: by sign, word and colour. */
export const StatusBadge = ({ status }: { readonly status: ExecutionState }) => (
  <span className={classes['badge']} data-status={status}>
    <span aria-hidden="true">{signs[status][0]}</span> {signs[status][1]}
  </span>
)
