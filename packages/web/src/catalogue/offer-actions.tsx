import { Button, Group, TextInput } from '@mantine/core'
import type { CatalogAction, CatalogEntry } from '@steptrail/client'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { FormDialog } from '../administration/form-dialog.tsx'
import { ReasonInput } from '../administration/reason-input.tsx'
import { useConnection } from '../connection/connection.tsx'
import { useOperatorName } from '../execution/actions/operator-name.ts'

type Offer = CatalogAction['action']

const offers: Readonly<Record<CatalogEntry['status'], readonly Offer[]>> = {
  active: ['disable', 'deprecate'],
  disabled: ['enable', 'deprecate'],
  deprecated: ['enable'],
}

const words: Readonly<Record<Offer, readonly [label: string, effect: string]>> = {
  enable: ['Offer it', 'It is offered again, in place of another version that is.'],
  disable: ['Disable', 'It is offered no more, and its selection is refused.'],
  deprecate: ['Deprecate', 'It is offered no more, since something else is to be used.'],
}

/** Offers a workflow, or offers it no more; with a reason. */
export function OfferActions({ entry }: { readonly entry: CatalogEntry }) {
  const [chosen, setChosen] = useState<Offer | null>(null)
  return (
    <Group gap="xs">
      {offers[entry.status].map((offer) => (
        <Button key={offer} size="xs" variant="default" onClick={() => setChosen(offer)}>
          {words[offer][0]}
        </Button>
      ))}
      {chosen === null ? null : (
        <OfferDialog workflowId={entry.workflowId} offer={chosen} onClose={() => setChosen(null)} />
      )}
    </Group>
  )
}

interface OfferDialogProps {
  readonly workflowId: string
  readonly offer: Offer
  readonly onClose: () => void
}

function OfferDialog({ workflowId, offer, onClose }: OfferDialogProps) {
  const { client, apiKey } = useConnection()
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const [name, setName] = useOperatorName()
  const needsName = apiKey === null
  const [label, effect] = words[offer]
  return (
    <FormDialog
      title={label}
      effect={effect}
      submitLabel={label}
      isComplete={reason.trim() !== '' && (!needsName || name.trim() !== '')}
      onSubmit={async () => {
        await client.catalog.act(workflowId, {
          action: offer,
          reason: reason.trim(),
          ...(needsName && { actor: { type: 'user', id: name.trim() } }),
        })
        await queries.invalidateQueries({ queryKey: ['catalogue'] })
        await queries.invalidateQueries({ queryKey: ['catalogue-entry'] })
      }}
      onClose={onClose}
    >
      <ReasonInput value={reason} onChange={setReason} isFirst />
      {needsName ? (
        <TextInput
          label="Your name"
          description="The server asks for no key, so it has to be told who you are."
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      ) : null}
    </FormDialog>
  )
}
