import { Textarea } from '@mantine/core'

/** Why something is ordered. */
export interface ReasonInputProps {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly isFirst?: boolean
}

/** Asks for a reason, which stays on record. */
export const ReasonInput = ({ value, onChange, isFirst = false }: ReasonInputProps) => (
  <Textarea
    label="Reason"
    description="It stays on record, with who gave it."
    required
    autosize
    minRows={2}
    {...(isFirst && { 'data-autofocus': true })}
    value={value}
    onChange={(event) => onChange(event.currentTarget.value)}
  />
)
