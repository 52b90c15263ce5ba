import { useQuery } from '@tanstack/react-query'
import { useConnection } from '../connection/connection.tsx'
import { Failure } from '../states/failure.tsx'
import { Slowly } from '../states/slowly.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import classes from './selection.module.css'

/** A workflow, and the selection in which it was not chosen. */
export interface WhyNotNoteProps {
  readonly workflowId: string
  readonly remediationId: string
}

/** Each reason that kept a workflow out, or down. */
export function WhyNotNote({ workflowId, remediationId }: WhyNotNoteProps) {
  const { client } = useConnection()
  const answer = useQuery({
    queryKey: ['why-not', workflowId, remediationId],
    queryFn: ({ signal }) => client.catalog.whyNot(workflowId, { remediationId }, { signal }),
  })
  return (
    <div className={classes['reason']} role="status">
      {answer.isPending ? <Slowly what="the reasons" lines={2} /> : null}
      {answer.isError ? <Failure error={answer.error} onRetry={() => void answer.refetch()} /> : null}
      {answer.data ? (
        <ul>
          {answer.data.reasons.map(({ kind, message }, index) => (
            <li key={`${kind} ${index}`}>
              <VisibleText text={message} limit={400} />
            </li>
          ))}
          {answer.data.reasons.length === 0 ? <li>Nothing kept it out: it was the best.</li> : null}
        </ul>
      ) : null}
    </div>
  )
}
