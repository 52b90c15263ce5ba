import { TextInput } from '@mantine/core'
import { isUuid } from '@steptrail/event'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'

/** Leads to the execution whose id is typed or pasted, as soon as it is whole. */
export function FindExecution() {
  const navigate = useNavigate()
  const [typed, setTyped] = useState('')
  const [isGiven, setIsGiven] = useState(false)
  const take = (text: string): void => {
    setTyped(text)
    setIsGiven(false)
    const executionId = text.trim().toLowerCase()
    if (isUuid(executionId)) void navigate({ to: '/executions/$executionId', params: { executionId } })
  }
  return (
    <TextInput
      label="Execution id"
      placeholder="leads to it"
      size="xs"
      autoComplete="off"
      spellCheck={false}
      value={typed}
      error={isGiven && typed.trim() !== '' ? 'This is no id: it has 32 digits and letters.' : null}
      onChange={(event) => take(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') setIsGiven(true)
      }}
    />
  )
}
