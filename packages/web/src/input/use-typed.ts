import { useState } from 'react'

/** What stands in an input, while the value that it stands for is kept elsewhere. */
export interface Typed<Value> {
  readonly typed: string
  readonly type: (text: string) => void
  /** To be told of a value before it is sent to where it is kept. */
  readonly willSend: (value: Value) => void
}

/**
 * Keeps what is typed into an input. It is replaced when the value becomes another that was not sent from here, as at
 * Back; what comes back of what was sent changes nothing, since its reader may have typed on.
 */
export function useTyped<Value>(value: Value, textOf: (value: Value) => string): Typed<Value> {
  const [typed, type] = useState(() => textOf(value))
  const [seen, setSeen] = useState(value)
  const [sent, willSend] = useState(value)
  if (value !== seen) {
    setSeen(value)
    if (value !== sent) {
      type(textOf(value))
      willSend(value)
    }
  }
  return { typed, type, willSend }
}
