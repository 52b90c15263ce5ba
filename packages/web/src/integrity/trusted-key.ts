import { useState } from 'react'
import { keptForAll } from '../storage/keeping-storage.ts'

const storageKey = 'steptrail.verifier-key'

/**
 * The verifier key that a reader has from elsewhere, such as `steptrail log key`; empty where none is given. This browser
 * keeps it.
 */
export function useTrustedKey(): readonly [string, (key: string) => void] {
  const [key, setKey] = useState(() => keptForAll.getItem(storageKey) ?? '')
  const change = (next: string): void => {
    setKey(next)
    keptForAll.setItem(storageKey, next)
  }
  return [key, change]
}

/** The keys to verify with. */
export const keysOf = (trusted: string): readonly string[] => (trusted.trim() === '' ? [] : [trusted.trim()])
