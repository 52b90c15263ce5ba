import { Button } from '@mantine/core'
import { useState } from 'react'
import { VisibleText } from '../text/visible-text.tsx'
import { type Candidate, type Considered, leftOutWords, scoreParts } from './candidates.ts'
import classes from './selection.module.css'
import { WhyNotNote } from './why-not-note.tsx'

/** All that were considered, for which remediation, and which was chosen. */
export interface CandidateListProps {
  readonly considered: Considered
  readonly remediationId: string
  readonly chosenId: string | null
}

/** The candidates, the best first, each with what its score is made of; those left out with the reason. */
export function CandidateList({ considered, remediationId, chosenId }: CandidateListProps) {
  return (
    <>
      <ul className={classes['legend']} aria-hidden="true">
        <li data-kind="base">what the labels are worth that it names</li>
        <li data-kind="boost">added by labels</li>
        <li data-kind="penalty">taken away by labels</li>
      </ul>
      <ol className={classes['candidates']}>
        {considered.candidates.map((candidate) => (
          <CandidateRow
            key={candidate.workflowId}
            candidate={candidate}
            remediationId={remediationId}
            isChosen={candidate.workflowId === chosenId}
          />
        ))}
      </ol>
      {considered.omitted > 0 ? (
        <p className="faint">
          And {considered.omitted.toLocaleString('en')} more, which the event has no room for.
        </p>
      ) : null}
    </>
  )
}

interface CandidateRowProps {
  readonly candidate: Candidate
  readonly remediationId: string
  readonly isChosen: boolean
}

function CandidateRow({ candidate, remediationId, isChosen }: CandidateRowProps) {
  const [isAsked, setIsAsked] = useState(false)
  const { workflowId, workflowName, version, finalScore, scoring, leftOut } = candidate
  return (
    <li data-chosen={isChosen || undefined} data-out={finalScore === null || undefined}>
      <span className={classes['name']}>
        {isChosen ? <b>✓ chosen </b> : null}
        <VisibleText text={workflowName} limit={100} />{' '}
        <span className="faint">
          <VisibleText text={version} limit={60} />
        </span>
      </span>
      {scoring ? <ScoreBar scoring={scoring} /> : <span className={classes['out']}>left out</span>}
      <span className={classes['score']}>{finalScore === null ? '–' : finalScore.toFixed(2)}</span>
      {isChosen ? (
        <span />
      ) : (
        <Button
          size="compact-xs"
          variant="default"
          aria-expanded={isAsked}
          onClick={() => setIsAsked(!isAsked)}
        >
          Why not
        </Button>
      )}
      {leftOut.length > 0 && !isAsked ? (
        <span className={classes['reason']}>
          <VisibleText text={leftOutWords(candidate)} limit={300} />
        </span>
      ) : null}
      {isAsked ? <WhyNotNote workflowId={workflowId} remediationId={remediationId} /> : null}
    </li>
  )
}

function ScoreBar({ scoring }: { readonly scoring: NonNullable<Candidate['scoring']> }) {
  const parts = scoreParts(scoring)
  const words = parts.map(({ kind, label, from, to }) => `${kind} ${label}: ${(to - from).toFixed(2)}`)
  return (
    <svg
      className={classes['bar']}
      viewBox="0 0 100 10"
      preserveAspectRatio="none"
      role="img"
      aria-label={words.join(', ')}
    >
      <title>{words.join('\n')}</title>
      <rect width="100" height="10" className={classes['ground']} />
      {parts.map(({ kind, label, from, to }) => (
        <rect
          key={`${kind} ${label}`}
          data-kind={kind}
          x={from * 100}
          width={(to - from) * 100}
          height="10"
        />
      ))}
    </svg>
  )
}
