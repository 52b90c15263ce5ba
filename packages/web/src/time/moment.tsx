import { localDay, localTime, utcText } from './instant.ts'

/** When something happened. */
export interface MomentProps {
  /** ISO 8601. */
  readonly at: string
  /** Whether the day is said as well; `full` unless given. */
  readonly shows?: 'full' | 'time'
}

/** An instant in the reader's zone; in UTC when one points at it. */
export function Moment({ at, shows = 'full' }: MomentProps) {
  const instant = Date.parse(at)
  const time = localTime(instant)
  return (
    <time dateTime={at} title={utcText(instant)}>
      {shows === 'time' ? time : `${localDay(instant)} ${time}`}
    </time>
  )
}
