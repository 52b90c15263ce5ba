import { Button, TextInput } from '@mantine/core'
import type { Hold, NewHold } from '@steptrail/client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useConnection } from '../connection/connection.tsx'
import { TimeInput } from '../input/time-input.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import { Moment } from '../time/moment.tsx'
import { FormDialog } from './form-dialog.tsx'
import { GridTable } from './grid-table.tsx'
import { matchWords } from './match-words.ts'
import { Panel } from './panel.tsx'
import { ReasonInput } from './reason-input.tsx'
import { trimmed } from './trimmed.ts'

/** What must not be deleted, who ordered that, and its release. */
export function HoldsPanel() {
  const { client } = useConnection()
  const [isPlacing, setIsPlacing] = useState(false)
  const [released, setReleased] = useState<Hold | null>(null)
  const holds = useQuery({
    queryKey: ['retention', 'holds'],
    queryFn: ({ signal }) => client.retention.holds({ signal }),
  })
  return (
    <>
      <Panel
        title="Holds"
        about="What a hold matches is not deleted, also what comes later, until the hold is released."
        query={holds}
        actions={<Button onClick={() => setIsPlacing(true)}>Place a hold</Button>}
      >
        {(all) => <Holds holds={all} onRelease={setReleased} />}
      </Panel>
      {isPlacing ? <PlaceDialog onClose={() => setIsPlacing(false)} /> : null}
      {released ? <ReleaseDialog hold={released} onClose={() => setReleased(null)} /> : null}
    </>
  )
}

interface HoldsProps {
  readonly holds: readonly Hold[]
  readonly onRelease: (hold: Hold) => void
}

const Holds = ({ holds, onRelease }: HoldsProps) => (
  <GridTable
    label="Holds"
    columns={['What', 'Why', 'Placed', 'State']}
    none="Nothing is held."
    rows={holds.map((hold) => ({
      key: hold.holdId,
      isOver: hold.released !== null,
      cells: [
        <VisibleText key="what" text={matchWords(hold.match, 'everything')} limit={200} />,
        <VisibleText key="why" text={hold.reason} limit={200} />,
        <span key="placed">
          <Moment at={hold.placedAt} /> <VisibleText text={`by ${hold.placedBy.id}`} limit={80} />
        </span>,
        hold.released ? (
          <span key="state">
            released <Moment at={hold.released.at} />{' '}
            <VisibleText text={`by ${hold.released.by.id}: ${hold.released.reason}`} limit={200} />
          </span>
        ) : (
          <Button key="state" size="compact-xs" variant="default" onClick={() => onRelease(hold)}>
            Release
          </Button>
        ),
      ],
    }))}
  />
)

type Match = NewHold['match']

const fields = [
  ['executionId', 'Execution'],
  ['correlationId', 'Correlation id'],
  ['workflow', 'Workflow'],
  ['actor', 'Actor'],
  ['tenant', 'Tenant'],
] as const

function PlaceDialog({ onClose }: { readonly onClose: () => void }) {
  const { client } = useConnection()
  const queries = useQueryClient()
  const [match, setMatch] = useState<Match>({})
  const [reason, setReason] = useState('')
  const set = (name: keyof Match, value: string | undefined): void =>
    setMatch({ ...match, [name]: value === '' ? undefined : value })
  const narrows = Object.keys(trimmed(match)).length > 0
  return (
    <FormDialog
      title="Place a hold"
      effect="Nothing that matches is deleted until it is released. All that is given must match."
      submitLabel="Hold it"
      isComplete={narrows && reason.trim() !== ''}
      onSubmit={async () => {
        await client.retention.placeHold({ match: trimmed(match), reason: reason.trim() })
        await queries.invalidateQueries({ queryKey: ['retention'] })
      }}
      onClose={onClose}
    >
      {fields.map(([name, label]) => (
        <TextInput
          key={name}
          label={label}
          placeholder="any"
          data-autofocus={name === 'executionId' || undefined}
          value={match[name] ?? ''}
          onChange={(event) => set(name, event.currentTarget.value)}
        />
      ))}
      {(['from', 'until'] as const).map((name) => (
        <TimeInput
          key={name}
          label={name === 'from' ? 'From' : 'Until'}
          value={match[name]}
          edge={name === 'from' ? 'first' : 'last'}
          onSettle={(value) => set(name, value)}
        />
      ))}
      <ReasonInput value={reason} onChange={setReason} />
    </FormDialog>
  )
}

function ReleaseDialog({ hold, onClose }: { readonly hold: Hold; readonly onClose: () => void }) {
  const { client } = useConnection()
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  return (
    <FormDialog
      title="Release a hold"
      effect={`What it held (${matchWords(hold.match, 'everything')}) goes when it is due.`}
      submitLabel="Release it"
      tone="danger"
      isComplete={reason.trim() !== ''}
      onSubmit={async () => {
        await client.retention.releaseHold(hold.holdId, reason.trim())
        await queries.invalidateQueries({ queryKey: ['retention'] })
      }}
      onClose={onClose}
    >
      <ReasonInput value={reason} onChange={setReason} isFirst />
    </FormDialog>
  )
}
