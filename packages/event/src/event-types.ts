import { z } from 'zod'
import { orchestrationEventTypes, stepEventTypes } from './engine-event-types.ts'
import { applicationColumns, type EventType } from './event-type.ts'
import type { EntityType } from './record.ts'
import { selectionEventTypes } from './selection-event-types.ts'
import { trailEventTypes } from './trail-event-types.ts'

/** What an application did, under a name of its own choice in `action`. */
const operation = {
  eventType: 'OPERATION',
  entityType: 'OPERATION',
  when: 'An application did something: `trail.operation`, or `trail.record` with an `action`.',
  statuses: ['SUCCESS', 'FAILED', 'WARNING', null],
  columns: { ...applicationColumns, action: 'always' },
  details: z.looseObject({}),
  schemaVersion: 1,
} as const satisfies EventType

/** Every event type that is built in, engine first. */
export const builtInEventTypes = [
  ...orchestrationEventTypes,
  ...stepEventTypes,
  ...selectionEventTypes,
  operation,
  ...trailEventTypes,
] as const

/** The name of a built-in event type. */
export type BuiltInEventType = (typeof builtInEventTypes)[number]['eventType']

/** Entities whose events only Steptrail itself and adapters record: an application cannot forge them. */
export const engineEntityTypes = ['ORCHESTRATION', 'STEP', 'TRAIL'] as const satisfies readonly EntityType[]
