import type { Execution, StepAuditMessage } from '@steptrail/client'
import { useQuery } from '@tanstack/react-query'
import { formatDuration } from '@steptrail/workflow/timeline'
import { useConnection } from '../connection/connection.tsx'
import { Failure } from '../states/failure.tsx'
import { Slowly } from '../states/slowly.tsx'
import { JsonView } from '../text/json-view.tsx'
import { Moment } from '../time/moment.tsx'
import classes from './event-detail.module.css'

/** A step of which results are shown. */
export interface StepResultsProps {
  readonly executionId: string
  readonly step: Execution['steps'][number]
}

/** What workers reported for a step, as it is stored, the newest first; and the output that the step has now. */
export function StepResults({ executionId, step }: StepResultsProps) {
  const { client } = useConnection()
  const results = useQuery({
    queryKey: ['step-results', executionId, step.stepId, step.attempt, step.status],
    queryFn: ({ signal }) => client.getStepAuditHistory(executionId, step.stepId, { signal, limit: 50 }),
  })
  return (
    <>
      <h3>Output of the step</h3>
      {step.output === null ? (
        <p className="faint">None so far.</p>
      ) : (
        <JsonView value={step.output} label="output of the step" />
      )}
      <h3>Reported by workers</h3>
      {results.isPending ? <Slowly what="results" lines={2} /> : null}
      {results.isError ? <Failure error={results.error} onRetry={() => void results.refetch()} /> : null}
      {results.data?.items.length === 0 ? (
        <p className="faint">No worker has reported for this step.</p>
      ) : null}
      {results.data?.items.map((result) => (
        <Result key={result.audit_uuid} result={result} />
      ))}
    </>
  )
}

const Result = ({ result }: { readonly result: StepAuditMessage }) => (
  <div className={classes['result']}>
    <div className={classes['resultHead']}>
      <span className={result.success ? classes['good'] : classes['bad']}>
        {result.success ? 'success' : 'failure'}
      </span>
      <Moment at={result.recorded_at} />
      {result.execution_time_ms === null ? null : <span>{formatDuration(result.execution_time_ms)}</span>}
      {result.worker_uuid === null ? null : <span className="mono faint">worker {result.worker_uuid}</span>}
    </div>
    <JsonView value={result.result} label="reported result" />
  </div>
)
