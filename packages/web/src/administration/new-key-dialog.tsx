import { Checkbox, Stack, TextInput } from '@mantine/core'
import type { CreatedKey } from '@steptrail/client'
import { type Scope, scopes } from '@steptrail/client/messages'
import { useState } from 'react'
import { useConnection } from '../connection/connection.tsx'
import { TimeInput } from '../input/time-input.tsx'
import { Callout } from '../states/callout.tsx'
import { FormDialog } from './form-dialog.tsx'

/** A key that is to be made. */
export interface NewKeyDialogProps {
  /** Whether there is none yet. */
  readonly isFirst: boolean
  readonly onMade: (made: CreatedKey) => void
  readonly onClose: () => void
}

const scopeWords: Readonly<Record<Scope, string>> = {
  record: 'record events',
  engine: 'claim and report steps',
  discover: 'look workflows up, as agents do',
  read: 'read',
  operate: 'start executions and act on them',
  admin: 'all of it, and what is on this page',
}

/** Asks for what a key may do, and makes it. */
export function NewKeyDialog({ isFirst, onMade, onClose }: NewKeyDialogProps) {
  const { client } = useConnection()
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>(isFirst ? ['admin'] : ['read'])
  const [tenant, setTenant] = useState('')
  const [expiresAt, setExpiresAt] = useState<string | undefined>()
  const make = async (): Promise<void> => {
    const made = await client.keys.create({
      name: name.trim(),
      scopes: scopes.filter((scope) => chosen.includes(scope)),
      ...(tenant.trim() !== '' && { tenant: tenant.trim() }),
      ...(expiresAt !== undefined && { expiresAt }),
    })
    onMade(made)
  }
  return (
    <FormDialog
      title="Make a key"
      effect="Its secret is shown once."
      submitLabel="Make it"
      isComplete={name.trim() !== '' && chosen.length > 0}
      onSubmit={make}
      onClose={onClose}
    >
      {isFirst ? (
        <Callout tone="warning" title="The first key">
          From then on the server asks everybody for one, these pages too. Let the first one be an
          administrator’s.
        </Callout>
      ) : null}
      <TextInput
        label="Name"
        description="What its requests are recorded under."
        required
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Checkbox.Group label="It may" value={[...chosen]} onChange={setChosen} required>
        <Stack gap={6} mt={6}>
          {scopes.map((scope) => (
            <Checkbox key={scope} value={scope} label={`${scope}: ${scopeWords[scope]}`} />
          ))}
        </Stack>
      </Checkbox.Group>
      <TextInput
        label="Tenant"
        description="The one that it reaches; every tenant unless given."
        value={tenant}
        onChange={(event) => setTenant(event.currentTarget.value)}
      />
      <TimeInput
        label="Expires"
        description="Never, unless given."
        value={expiresAt}
        edge="last"
        onSettle={setExpiresAt}
      />
    </FormDialog>
  )
}
