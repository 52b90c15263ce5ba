import { TextInput } from '@mantine/core'
import { type KeyboardEvent, useEffect, useEffectEvent, useRef, useState } from 'react'
import { useTyped } from './use-typed.ts'
import { fromLocalInput, toLocalInput } from '../time/local-input.ts'

/** An instant that a reader may give. */
export interface TimeInputProps {
  readonly label: string
  readonly description?: string
  readonly size?: 'xs' | 'sm'
  /** ISO 8601; undefined for none. */
  readonly value: string | undefined
  /** Which moment of a date alone is shown. */
  readonly edge: 'first' | 'last'
  /** Told in UTC when the reader has given a whole time, or has taken it out. */
  readonly onSettle: (value: string | undefined) => void
}

/** Longer than the second after which a browser takes a digit for the first of a new number. */
const pauseMs = 1_200

/** Before and after it there is no trail; a year that is half typed is one of antiquity. */
const bounds = { min: '1970-01-01T00:00', max: '9999-12-31T23:59:59' } as const

/**
 * An input for a local time with its seconds. What is picked counts at once; what is typed, digit by digit, when it is
 * left, at Enter or after a pause, and only when it is whole: what is half typed stays in the input, and changes nothing.
 */
export function TimeInput({ label, description, size = 'sm', value, edge, onSettle }: TimeInputProps) {
  const inputRef = useRef<HTMLInputElement>(null)
  const isByKeys = useRef(false)
  const [problem, setProblem] = useState<string | null>(null)
  const { typed, type, willSend } = useTyped(value, (iso) => toLocalInput(iso, edge))
  const settle = useEffectEvent((): void => {
    const input = inputRef.current
    if (!input?.validity.valid || isSame(input.value, toLocalInput(value, edge))) return
    willSend(fromLocalInput(input.value))
    onSettle(fromLocalInput(input.value))
  })
  useEffect(() => {
    const timer = setTimeout(settle, isByKeys.current ? pauseMs : 0)
    return () => clearTimeout(timer)
  }, [typed])
  useEffect(() => {
    setProblem(null)
    // Parts of a time are no value, so that React does not see that they are to go.
    if (value === undefined && inputRef.current?.validity.badInput) inputRef.current.value = ''
  }, [value])
  const leave = (): void => {
    settle()
    setProblem(inputRef.current?.validationMessage || null)
  }
  const takeKey = ({ key }: KeyboardEvent): void => {
    isByKeys.current = true
    if (key === 'Enter') leave()
  }
  return (
    <TextInput
      ref={inputRef}
      type="datetime-local"
      step={1}
      {...bounds}
      label={label}
      {...(description !== undefined && { description })}
      size={size}
      value={typed}
      error={problem}
      onKeyDown={takeKey}
      onPointerDown={() => {
        isByKeys.current = false
      }}
      onChange={(event) => {
        setProblem(null)
        type(event.currentTarget.value)
      }}
      onBlur={leave}
    />
  )
}

/** A browser leaves seconds out that are none. */
const isSame = (text: string, other: string): boolean => fromLocalInput(text) === fromLocalInput(other)
