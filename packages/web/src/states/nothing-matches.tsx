import { Button, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { focusContent } from '../dialog/focus-content.ts'
import { Notice } from './notice.tsx'

/** A filter that leaves nothing, and how to be without it. */
export interface NothingMatchesProps {
  readonly onReset: () => void
  readonly children?: ReactNode
}

/** In place of what a filter leaves nothing of. */
export function NothingMatches({ onReset, children }: NothingMatchesProps) {
  // The button goes with the filter: what comes in its place has the focus then.
  const reset = (): void => {
    focusContent()
    onReset()
  }
  return (
    <Notice title="Nothing matches this filter" mark="∅">
      {children}
      <Group justify="center" mt="md">
        <Button variant="default" onClick={reset}>
          Clear the filter
        </Button>
      </Group>
    </Notice>
  )
}
