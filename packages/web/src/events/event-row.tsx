import type { Event } from '@steptrail/client'
import { describeEvent, formatDuration, subjectOf } from '@steptrail/workflow/timeline'
import { toneOf } from '../execution/event-tone.ts'
import { visible } from '../text/visible.ts'
import { Moment } from '../time/moment.tsx'
import classes from './events-page.module.css'

const mostCharacters = 300

const signs = { good: '✓', bad: '✗', warning: '!', plain: '·' } as const

/** An event in a line. */
export function EventRow({ event }: { readonly event: Event }) {
  const said = event.stepName === null ? (event.message ?? event.reason ?? '') : describeEvent(event)
  const subject = event.action ?? subjectOf(event)
  const tone = toneOf(event)
  return (
    <div className={`${classes['row']} ${classes['line']}`} data-tone={tone}>
      <span className={classes['sign']} title={event.result}>
        {signs[tone]}
      </span>
      <span className={classes['when']}>
        <Moment at={event.timestamp} />
      </span>
      <span className={classes['what']}>
        <bdi className={classes['type']}>
          {visible(event.eventType === 'OPERATION' ? (event.action ?? event.eventType) : event.eventType)}
        </bdi>
      </span>
      <span className={classes['source']}>
        <bdi>{visible(event.source)}</bdi>
      </span>
      <span className={classes['said']}>
        {event.eventType === 'OPERATION' || subject === '' ? null : (
          <bdi className={classes['subject']}>{visible(subject.slice(0, mostCharacters))}</bdi>
        )}
        <bdi>{visible(said.slice(0, mostCharacters))}</bdi>
      </span>
      <span className={classes['operator']}>
        <bdi>{visible((event.operator ?? '').slice(0, 80))}</bdi>
      </span>
      <span className={classes['took']}>
        {event.durationMs === null ? '' : formatDuration(event.durationMs)}
      </span>
    </div>
  )
}

/** What the columns are. */
export const EventColumns = () => (
  <div className={`${classes['row']} ${classes['columns']}`} aria-hidden="true">
    <span />
    <span className={classes['when']}>Time</span>
    <span>Event</span>
    <span className={classes['source']}>Source</span>
    <span className={classes['said']}>What happened</span>
    <span className={classes['operator']}>By</span>
    <span className={classes['took']}>Took</span>
  </div>
)
