import { Anchor } from '@mantine/core'
import { useState } from 'react'
import { visible } from './visible.ts'

/** Text of somebody else's. */
export interface VisibleTextProps {
  readonly text: string
  /** Characters that are shown before the reader asks for the rest. */
  readonly limit?: number
}

/** Recorded text as text, whatever is in it: isolated in its direction of writing, and cut where it is very long. */
export function VisibleText({ text, limit = 1_000 }: VisibleTextProps) {
  const [isWhole, setIsWhole] = useState(false)
  if (text.length <= limit || isWhole) return <bdi>{visible(text)}</bdi>
  return (
    <>
      <bdi>{visible(text.slice(0, limit))}…</bdi>{' '}
      <Anchor component="button" type="button" size="sm" ta="start" onClick={() => setIsWhole(true)}>
        Show all {text.length.toLocaleString('en')} characters
      </Anchor>
    </>
  )
}
