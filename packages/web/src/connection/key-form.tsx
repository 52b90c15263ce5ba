import { Button, Group, PasswordInput } from '@mantine/core'
import { type SubmitEvent, useState } from 'react'
import { useConnection } from './connection.tsx'
import { codeOf } from './failure-code.ts'

/** Asks for a key or a token, which the tab keeps until it is closed; says of a text that can be none that it is none. */
export function KeyForm() {
  const { changeKey } = useConnection()
  const [typed, setTyped] = useState('')
  const [isNone, setIsNone] = useState(false)
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (typed.trim() === '') return
    try {
      changeKey(typed.trim())
    } catch (error) {
      if (codeOf(error) !== 'invalid_configuration') throw error
      setIsNone(true)
    }
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
          error={isNone ? 'It holds what no key does, as a space or a letter with an accent.' : null}
          onChange={(event) => {
            setTyped(event.currentTarget.value)
            setIsNone(false)
          }}
          autoComplete="off"
          ta="left"
          flex={1}
        />
        <Button type="submit">Use it</Button>
      </Group>
    </form>
  )
}
