import { Button, Group, PasswordInput } from '@mantine/core'
import { type SubmitEvent, useState } from 'react'
import { useConnection } from './connection.tsx'

/** Asks for a key or a token, which the tab keeps until it is closed. */
export function KeyForm() {
  const { changeKey } = useConnection()
  const [typed, setTyped] = useState('')
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (typed.trim() !== '') changeKey(typed.trim())
  }
  return (
    <form onSubmit={submit}>
      <Group mt="md" justify="center" align="end" wrap="nowrap">
        <PasswordInput
          label="Key or token"
          description={
            <>
              Of <code>steptrail keys create</code>. Kept until this tab is closed.
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          ta="left"
          flex={1}
        />
        <Button type="submit">Use it</Button>
      </Group>
    </form>
  )
}
