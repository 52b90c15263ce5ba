export { describeEvent, subjectOf } from './describe-event.ts'
export { formatDuration, formatTick } from './duration.ts'
export { detailInstant, detailNumber, detailText } from './event-details.ts'
export type { AttemptOutcome, AttemptSpan, Lane, LaneOutcome, OpenAttempt, Span } from './lane.ts'
export { type Bar, columnOf, layoutLane, type Scale, ticksOf } from './layout.ts'
export { isEnded } from '../states.ts'
export {
  type RollbackMark,
  statusOf,
  type Timeline,
  type TimelineContext,
  timelineOf,
  type TimelineStatus,
} from './model.ts'
export { openAttemptsOf, type StepUnderWay } from './open-attempts.ts'
export type { TimelineEvent } from './timeline-event.ts'
