import { Button, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { Notice } from './notice.tsx'

/** A filter that leaves nothing, and how to be without it. */
export interface NothingMatchesProps {
  readonly onReset: () => void
  readonly children?: ReactNode
}

/** In place of what a filter leaves nothing of. */
export const NothingMatches = ({ onReset, children }: NothingMatchesProps) => (
  <Notice title="Nothing matches this filter" mark="∅">
    {children}
    <Group justify="center" mt="md">
      <Button variant="default" onClick={onReset}>
        Clear the filter
      </Button>
    </Group>
  </Notice>
)
