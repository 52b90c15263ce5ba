import { TextInput } from '@mantine/core'
import { useEffect, useEffectEvent, useState } from 'react'

/** A text of a filter. */
export interface SettledInputProps {
  readonly label: string
  readonly placeholder?: string
  readonly value: string
  /** Told when the reader has stopped typing. */
  readonly onSettle: (value: string) => void
  readonly width?: number
}

const settleMs = 350

/** A text input that does not ask the server for each letter. */
export function SettledInput({ label, placeholder, value, onSettle, width = 190 }: SettledInputProps) {
  const [typed, setTyped] = useState(value)
  const [shown, setShown] = useState(value)
  if (value !== shown) {
    setShown(value)
    setTyped(value)
  }
  const settle = useEffectEvent((text: string) => onSettle(text.trim()))
  useEffect(() => {
    if (typed.trim() === value) return
    const timer = setTimeout(() => settle(typed), settleMs)
    return () => clearTimeout(timer)
  }, [typed, value])
  return (
    <TextInput
      label={label}
      {...(placeholder !== undefined && { placeholder })}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      w={width}
      autoComplete="off"
      spellCheck={false}
    />
  )
}
