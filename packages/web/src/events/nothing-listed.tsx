import { NothingMatches } from '../states/nothing-matches.tsx'
import { Notice } from '../states/notice.tsx'

/** Why a list of events is empty. */
export interface NothingListedProps {
  readonly isFiltered: boolean
  /** Whether what comes is added by itself. */
  readonly isFollowed: boolean
  readonly onReset: () => void
}

/** In place of the list: nothing is on record of the last 7 days, or nothing of what is matches the filter. */
export const NothingListed = ({ isFiltered, isFollowed, onReset }: NothingListedProps) =>
  isFiltered ? (
    <NothingMatches onReset={onReset}>
      {isFollowed ? 'What comes and matches appears here by itself.' : null}
    </NothingMatches>
  ) : (
    <Notice title="Nothing happened in the last 7 days" mark="○">
      {isFollowed ? 'What is recorded appears here by itself. ' : ''}Choose an earlier time to see what was
      before, or fill the trail with <code>steptrail demo</code>.
    </Notice>
  )
