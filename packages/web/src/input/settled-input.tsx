import { Autocomplete, TextInput } from '@mantine/core'
import { useEffect, useEffectEvent } from 'react'
import { useTyped } from './use-typed.ts'

/** A text of a filter. */
export interface SettledInputProps {
  readonly label: string
  readonly placeholder?: string
  readonly value: string
  /** Told when the reader has stopped typing. */
  readonly onSettle: (value: string) => void
  /** What is suggested; anything else may be typed. */
  readonly choices?: readonly string[]
}

const settleMs = 350

const asItIs = (text: string): string => text

/** A text input that does not ask the server for each letter. */
export function SettledInput({ label, placeholder = '', value, onSettle, choices }: SettledInputProps) {
  const { typed, type, willSend } = useTyped(value, asItIs)
  const settle = useEffectEvent((text: string) => {
    willSend(text.trim())
    onSettle(text.trim())
  })
  useEffect(() => {
    if (typed.trim() === value) return
    const timer = setTimeout(() => settle(typed), settleMs)
    return () => clearTimeout(timer)
  }, [typed, value])
  const shared = {
    label,
    placeholder,
    value: typed,
    size: 'xs',
    autoComplete: 'off',
    spellCheck: false,
  } as const
  return choices === undefined ? (
    <TextInput {...shared} onChange={(event) => type(event.currentTarget.value)} />
  ) : (
    <Autocomplete {...shared} data={[...choices]} onChange={type} />
  )
}
