import { useState } from 'react'
import { keptForAll } from '../../storage/keeping-storage.ts'

const storageKey = 'steptrail.operator'

/** The name under which this browser gives orders to a server that asks for no key. */
export function useOperatorName(): readonly [string, (name: string) => void] {
  const [name, setName] = useState(() => keptForAll.getItem(storageKey) ?? '')
  const change = (next: string): void => {
    setName(next)
    keptForAll.setItem(storageKey, next)
  }
  return [name, change]
}
