import type { UseQueryResult } from '@tanstack/react-query'
import { VisibleText } from '../text/visible-text.tsx'
import { localTime } from '../time/instant.ts'
import { Callout } from './callout.tsx'

/** Over content that could not be read again: that it is old, and since when. */
export const StaleNote = ({
  query,
}: {
  readonly query: Pick<UseQueryResult, 'isError' | 'error' | 'dataUpdatedAt'>
}) =>
  query.isError ? (
    <Callout tone="warning" title={`This is what was read at ${localTime(query.dataUpdatedAt).slice(0, 8)}`}>
      <VisibleText text={query.error?.message ?? ''} />
    </Callout>
  ) : null
