import { useState } from 'react'
import { focusContent } from '../dialog/focus-content.ts'

/** How a filter is cleared. */
export interface Clearing {
  /** The key of what holds the inputs: another after each clearing. */
  readonly inputsKey: number
  readonly clear: () => void
}

/** What was typed and has not settled goes with its input, or it would narrow the list again after it was cleared. */
export function useClearing(onClear: () => void): Clearing {
  const [inputsKey, setInputsKey] = useState(0)
  const clear = (): void => {
    // The button goes with the inputs.
    focusContent()
    setInputsKey(inputsKey + 1)
    onClear()
  }
  return { inputsKey, clear }
}
