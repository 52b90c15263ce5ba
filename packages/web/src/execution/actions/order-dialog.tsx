import { Button, Group, JsonInput, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { type SubmitEvent, useState } from 'react'
import { useConnection } from '../../connection/connection.tsx'
import { Dialog } from '../../dialog/dialog.tsx'
import { Refusal } from '../../states/refusal.tsx'
import { VisibleText } from '../../text/visible-text.tsx'
import { useOperatorName } from './operator-name.ts'

/** What an operator has written. */
export interface GivenOrder {
  readonly reason: string
  /** Who orders it; undefined where the server knows by the key. */
  readonly actor?: { readonly type: 'user'; readonly id: string }
  readonly approvedBy?: { readonly type: 'user'; readonly id: string }
  /** Of a step that is resolved by hand. */
  readonly output?: unknown
}

/** An order that is about to be given. */
export interface OrderDialogProps {
  readonly title: string
  readonly effect: string
  readonly tone: 'plain' | 'danger'
  readonly asksOutput: boolean
  /** Rejects with what the server says against it. */
  readonly give: (order: GivenOrder) => Promise<unknown>
  readonly onClose: () => void
}

/** Asks for what goes on record with an order: why, and who. Without a reason it cannot be sent. */
export function OrderDialog({ title, effect, tone, asksOutput, give, onClose }: OrderDialogProps) {
  const form = useOrderForm(asksOutput)
  const [error, setError] = useState<unknown>(null)
  const [isSending, setIsSending] = useState(false)
  const send = async (): Promise<void> => {
    setIsSending(true)
    try {
      await give(form.order())
      onClose()
    } catch (refusal) {
      setError(refusal)
      setIsSending(false)
    }
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (form.isComplete) void send()
  }
  return (
    <Dialog onClose={onClose} title={title}>
      <form onSubmit={submit}>
        <Stack>
          <Text>
            <VisibleText text={effect} limit={400} />
          </Text>
          <Textarea
            label="Reason"
            description="It stays on record, with your name."
            required
            autosize
            minRows={2}
            data-autofocus
            value={form.reason}
            onChange={(event) => form.setReason(event.currentTarget.value)}
          />
          {form.needsName ? (
            <TextInput
              label="Your name"
              description="The server asks for no key, so it has to be told who you are."
              required
              value={form.name}
              onChange={(event) => form.setName(event.currentTarget.value)}
            />
          ) : null}
          {asksOutput ? (
            <JsonInput
              label="Output"
              description="JSON, as the step would have given it."
              autosize
              minRows={2}
              value={form.output}
              onChange={form.setOutput}
              error={form.outputProblem}
            />
          ) : null}
          <TextInput
            label="Second person"
            description="Who agreed, where the server asks for two."
            value={form.second}
            onChange={(event) => form.setSecond(event.currentTarget.value)}
          />
          {error === null ? null : <Refusal error={error} />}
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              Not now
            </Button>
            <Button
              type="submit"
              loading={isSending}
              disabled={!form.isComplete}
              {...(tone === 'danger' && { color: 'red.8' })}
            >
              {title}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

function useOrderForm(asksOutput: boolean) {
  const { apiKey } = useConnection()
  const [reason, setReason] = useState('')
  const [name, setName] = useOperatorName()
  const [second, setSecond] = useState('')
  const [output, setOutput] = useState('{}')
  const needsName = apiKey === null
  const outputProblem = asksOutput && !isJson(output) ? 'This is no JSON' : null
  const isComplete = reason.trim() !== '' && (!needsName || name.trim() !== '') && outputProblem === null
  const order = (): GivenOrder => ({
    reason: reason.trim(),
    ...(needsName && { actor: { type: 'user', id: name.trim() } as const }),
    ...(second.trim() !== '' && { approvedBy: { type: 'user', id: second.trim() } as const }),
    ...(asksOutput && { output: JSON.parse(output) as unknown }),
  })
  return {
    reason,
    setReason,
    name,
    setName,
    second,
    setSecond,
    output,
    setOutput,
    needsName,
    outputProblem,
    isComplete,
    order,
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
