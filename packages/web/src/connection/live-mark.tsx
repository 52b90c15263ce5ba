import type { FollowState } from './use-follow.ts'
import classes from './live-mark.module.css'

const words: Readonly<Record<Exclude<FollowState, 'off'>, string>> = {
  opening: 'Connecting',
  live: 'Live',
  interrupted: 'Interrupted, trying again',
  refused: 'No longer live',
}

/** Whether what is shown follows what happens. */
export const LiveMark = ({ state }: { readonly state: FollowState }) =>
  state === 'off' ? null : (
    <span className={classes['mark']} data-state={state} role="status">
      <span className={classes['dot']} aria-hidden="true" />
      {words[state]}
    </span>
  )
