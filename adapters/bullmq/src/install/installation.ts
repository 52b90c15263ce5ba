import type { BullmqPlace } from './place.ts'

/** What is to be observed. */
export interface InstallOptions extends BullmqPlace {
  /** On Redis: the queues. On PostgreSQL all are observed that are in the schema. */
  readonly queues?: readonly string[] | undefined
}

/** What is installed. */
export interface Installation {
  /** Under which the trail knows the history of this BullMQ. */
  readonly sourceId: string
  /** True when it was not there before: then all that BullMQ knew is on its way into the trail. */
  readonly isNew: boolean
}
