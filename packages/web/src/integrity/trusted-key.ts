import { useLocalStorage } from '@mantine/hooks'

/**
 * The verifier key that a reader has from elsewhere, such as `steptrail log key`; empty where none is given. This browser
 * keeps it.
 */
export function useTrustedKey(): readonly [string, (key: string) => void] {
  const [key, setKey] = useLocalStorage({
    key: 'steptrail.trusted-key',
    defaultValue: '',
    getInitialValueInEffect: false,
  })
  return [key, setKey]
}

/** The keys to verify with. */
export const keysOf = (trusted: string): readonly string[] => (trusted.trim() === '' ? [] : [trusted.trim()])
