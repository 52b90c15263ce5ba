import { TrailError } from '@steptrail/event'

/** Whether there was no connection to be had: what was to be done has not begun, and the next try meets the same. */
export const isUnreachable = (cause: unknown): boolean =>
  cause instanceof TrailError && cause.code === 'database_unreachable'
