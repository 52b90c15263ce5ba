import { useState } from 'react'

const storageKey = 'steptrail.operator'

/** The name under which this browser gives orders to a server that asks for no key. */
export function useOperatorName(): readonly [string, (name: string) => void] {
  const [name, setName] = useState(() => localStorage.getItem(storageKey) ?? '')
  const change = (next: string): void => {
    setName(next)
    localStorage.setItem(storageKey, next)
  }
  return [name, change]
}
