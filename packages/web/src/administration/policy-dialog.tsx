import { NumberInput, Select, TextInput } from '@mantine/core'
import type { RetentionPolicy } from '@steptrail/client'
import { entityTypes } from '@steptrail/event'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useConnection } from '../connection/connection.tsx'
import { FormDialog } from './form-dialog.tsx'
import { ReasonInput } from './reason-input.tsx'
import { trimmed } from './trimmed.ts'

/** The policy that is changed; null for a new one. */
export interface PolicyDialogProps {
  readonly policy: RetentionPolicy | null
  readonly onClose: () => void
}

/** Sets for how long what matches is kept. */
export function PolicyDialog({ policy, onClose }: PolicyDialogProps) {
  const { client } = useConnection()
  const queries = useQueryClient()
  const [match, setMatch] = useState(policy?.match ?? {})
  const [keepDays, setKeepDays] = useState<number | null>(policy?.keepDays ?? 90)
  const [reason, setReason] = useState('')
  const set = (name: keyof typeof match) => (value: string) =>
    setMatch({ ...match, [name]: value === '' ? undefined : value })
  return (
    <FormDialog
      title={policy ? 'Change a policy' : 'Set a policy'}
      effect="It holds from the next run on. A shorter time lets go of more."
      submitLabel="Set it"
      isComplete={reason.trim() !== '' && keepDays !== null}
      onSubmit={async () => {
        await client.retention.setPolicy({
          match: policy ? match : trimmed(match),
          keepDays: keepDays ?? 0,
          reason: reason.trim(),
        })
        await queries.invalidateQueries({ queryKey: ['retention'] })
      }}
      onClose={onClose}
    >
      {(['workflow', 'tenant', 'eventType'] as const).map((name) => (
        <TextInput
          key={name}
          label={labels[name]}
          placeholder="any"
          data-autofocus={(policy === null && name === 'workflow') || undefined}
          disabled={policy !== null}
          value={match[name] ?? ''}
          onChange={(event) => set(name)(event.currentTarget.value)}
        />
      ))}
      <Select
        label="Events about"
        placeholder="any"
        clearable
        clearButtonProps={{ 'aria-label': 'Events about anything' }}
        disabled={policy !== null}
        data={[...entityTypes]}
        value={match.entityType ?? null}
        onChange={(value) => set('entityType')(value ?? '')}
      />
      <NumberInput
        label="Keep for so many days"
        required
        data-autofocus={policy !== null || undefined}
        allowDecimal={false}
        min={1}
        max={36_500}
        value={keepDays ?? ''}
        onChange={(value) => setKeepDays(typeof value === 'number' ? value : null)}
      />
      <ReasonInput value={reason} onChange={setReason} />
    </FormDialog>
  )
}

const labels = { workflow: 'Workflow', tenant: 'Tenant', eventType: 'Event type' } as const
