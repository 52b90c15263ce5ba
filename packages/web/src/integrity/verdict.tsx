import { Facts } from '../execution/facts.tsx'
import { Callout } from '../states/callout.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import { Moment } from '../time/moment.tsx'
import classes from './integrity.module.css'
import type { PackAnswer } from './verify-worker.ts'

/** What verifying found, and of what that is worth. */
export function Verdict({ answer }: { readonly answer: PackAnswer }) {
  if (answer.kind === 'trouble')
    return (
      <Callout tone="warning" isAnswer title="It could not be verified">
        <VisibleText text={answer.trouble} />
      </Callout>
    )
  if (answer.kind === 'defect')
    return (
      <Callout tone="bad" isAnswer title="This is not what was recorded">
        <VisibleText text={answer.defect} />
      </Callout>
    )
  return <Proven answer={answer} />
}

/** Where only events name it, there is nothing that they could be compared with. */
function ofTheRun(hasEnded: boolean | null): string {
  if (hasEnded === null) return '. There is no run of ours that they belong to.'
  const whole = ', the run is complete'
  return hasEnded
    ? `${whole} and went as its definition allows.`
    : `${whole} so far and went as its definition allows. It had not ended: what came later is not in the pack.`
}

function Proven({ answer }: { readonly answer: Extract<PackAnswer, { readonly kind: 'proven' }> }) {
  const { executionId, events, origin, size, signedAt, signedBy, keyFrom, hasEnded } = answer
  return (
    <div className={classes['proven']} role="status">
      <strong>✓ Verified in this browser</strong>
      <p>
        {events.toLocaleString('en')} events are in the log as they were sealed{ofTheRun(hasEnded)}
      </p>
      <Facts
        facts={[
          [
            'Execution',
            <span key="execution" className="mono">
              {executionId}
            </span>,
          ],
          ['Log', <VisibleText key="log" text={origin} limit={120} />],
          ['Entries signed', size.toLocaleString('en')],
          ['Signed', signedAt === null ? null : <Moment key="signed" at={signedAt} />],
          [
            'Key',
            <span key="key" className="mono">
              <VisibleText text={signedBy.join(', ')} limit={160} />
            </span>,
          ],
        ]}
      />
      {keyFrom === 'pack' ? (
        <p className="faint">
          The key came with the pack, so this proves that it is of one piece, not whose it is. Give the key
          that you have from elsewhere on the page Integrity.
        </p>
      ) : (
        <p className="faint">Signed by the key that you trust.</p>
      )}
    </div>
  )
}
