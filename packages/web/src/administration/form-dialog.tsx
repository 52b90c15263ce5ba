import { Button, Group, Stack, Text } from '@mantine/core'
import { type ReactNode, type SubmitEvent, useState } from 'react'
import { Dialog } from '../dialog/dialog.tsx'
import { Refusal } from '../states/refusal.tsx'
import { VisibleText } from '../text/visible-text.tsx'

/** A question that is answered by a form. */
export interface FormDialogProps {
  readonly title: string
  readonly effect: string
  readonly submitLabel: string
  readonly tone?: 'plain' | 'danger'
  readonly isComplete: boolean
  /** Rejects with what the server says against it; the dialog closes when it resolves. */
  readonly onSubmit: () => Promise<unknown>
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A form in a dialog, which stays and says why when it is refused. */
export function FormDialog(props: FormDialogProps) {
  const { title, effect, submitLabel, tone = 'plain', isComplete, onSubmit, onClose, children } = props
  const [error, setError] = useState<unknown>(null)
  const [isSending, setIsSending] = useState(false)
  const send = async (): Promise<void> => {
    setIsSending(true)
    try {
      await onSubmit()
      onClose()
    } catch (refusal) {
      setError(refusal)
      setIsSending(false)
    }
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (isComplete) void send()
  }
  return (
    <Dialog onClose={onClose} title={title}>
      <form onSubmit={submit}>
        <Stack>
          <Text>
            <VisibleText text={effect} limit={400} />
          </Text>
          {children}
          {error === null ? null : <Refusal error={error} />}
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              Not now
            </Button>
            <Button
              type="submit"
              loading={isSending}
              disabled={!isComplete}
              {...(tone === 'danger' && { color: 'red.8' })}
            >
              {submitLabel}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
