import type { Execution, ExecutionAudit } from '@steptrail/client'
import { useQuery } from '@tanstack/react-query'
import { isEnded } from '@steptrail/workflow/states'
import { useConnection } from '../connection/connection.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import type { Fact } from './facts.tsx'
import classes from './facts.module.css'

/** How an execution went, by the audit of its last end; null while it has none. */
export function useOutcome(execution: Execution | null): ExecutionAudit | null {
  const { client } = useConnection()
  const executionId = execution?.executionId ?? ''
  const audits = useQuery({
    queryKey: ['execution-outcome', executionId, execution?.status],
    queryFn: ({ signal }) => client.executions.outcomes({ execution_id: executionId, limit: 1 }, { signal }),
    enabled: execution !== null && isEnded(execution.status),
  })
  return audits.data?.audits[0] ?? null
}

/** What the audit says in a number. */
export function outcomeFacts(outcome: ExecutionAudit | null): readonly Fact[] {
  const score = outcome?.effectiveness_score ?? null
  return [['Effectiveness', score === null ? null : `${Math.round(score * 100)} %`]]
}

/** What was adjusted while it ran, and why. */
export function Adjustments({ outcome }: { readonly outcome: ExecutionAudit | null }) {
  const adjustments = outcome?.adaptive_adjustments ?? []
  if (adjustments.length === 0) return null
  return (
    <ul className={classes['adjustments']} aria-label="Adjusted at run time">
      {adjustments.map(({ step_number: step, adjustment_type: type, reason }, index) => (
        <li key={index}>
          Step {step}: {type} adjusted
          {reason ? (
            <>
              , <VisibleText text={reason} limit={200} />
            </>
          ) : null}
        </li>
      ))}
    </ul>
  )
}
