import { Button } from '@mantine/core'
import { Notice } from '../states/notice.tsx'

/** Why a list of events is empty. */
export interface NothingListedProps {
  readonly isFiltered: boolean
  readonly onReset: () => void
}

/** In place of the list: nothing is on record of the last 7 days, or nothing of what is matches the filter. */
export const NothingListed = ({ isFiltered, onReset }: NothingListedProps) =>
  isFiltered ? (
    <Notice title="Nothing matches this filter" mark="∅">
      <p>What comes and matches appears here by itself.</p>
      <Button variant="default" onClick={onReset}>
        Clear the filter
      </Button>
    </Notice>
  ) : (
    <Notice title="Nothing happened in the last 7 days" mark="○">
      What is recorded appears here by itself. Choose an earlier time to see what was before, or fill the
      trail with <code>steptrail demo</code>.
    </Notice>
  )
