import { z } from 'zod'
import { administrationColumns, type EventType } from './event-type.ts'

const text = z.string().min(1)
const whole = z.int().min(0)
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hexadecimal')

const trail = { entityType: 'TRAIL', statuses: ['SUCCESS', 'FAILED'], schemaVersion: 1 } as const
const byActor = {
  ...administrationColumns,
  actorType: 'always',
  actorId: 'always',
  details: 'always',
} as const
const byActorForReason = { ...byActor, reason: 'always' } as const

/** The events of the trail's own administration: it is in the trail, too. */
export const trailEventTypes = [
  {
    ...trail,
    eventType: 'TRAIL_EXPORTED',
    when: 'Somebody exported events.',
    columns: byActor,
    details: z.looseObject({ format: text, eventCount: whole, digest: digest.optional() }),
  },
  {
    ...trail,
    eventType: 'TRAIL_HOLD_PLACED',
    when: 'Somebody ordered that what matches must not be deleted.',
    columns: byActorForReason,
    details: z.looseObject({ holdId: text, match: z.json() }),
  },
  {
    ...trail,
    eventType: 'TRAIL_HOLD_RELEASED',
    when: 'Somebody lifted a hold.',
    columns: byActorForReason,
    details: z.looseObject({ holdId: text }),
  },
  {
    ...trail,
    eventType: 'TRAIL_ERASED',
    when: 'Personal data was erased from events; their proofs stay valid.',
    columns: byActorForReason,
    details: z.looseObject({ eventCount: whole }),
  },
  {
    ...trail,
    eventType: 'TRAIL_PARTITION_ARCHIVED',
    when: 'A partition was copied to the archive and read back.',
    columns: byActor,
    details: z.looseObject({ partition: text, rowCount: whole, digest }),
  },
  {
    ...trail,
    eventType: 'TRAIL_PARTITION_DROPPED',
    when: 'Retention dropped a partition.',
    columns: byActor,
    details: z.looseObject({ partition: text, rowCount: whole }),
  },
  {
    ...trail,
    eventType: 'TRAIL_RETENTION_ENDED',
    when: 'A run of retention came to its end; status FAILED has the reason, and nothing went then.',
    columns: byActor,
    details: z.looseObject({ runId: text, executionCount: whole, rowCount: whole }),
  },
  {
    ...trail,
    eventType: 'TRAIL_VERIFIED',
    when: 'The trail was verified; status FAILED names the first defect.',
    columns: byActor,
    details: z.looseObject({ eventCount: whole }),
  },
  {
    ...trail,
    eventType: 'TRAIL_ACCESS_DENIED',
    when: 'Somebody was refused.',
    statuses: ['FAILED'],
    columns: { ...administrationColumns, reason: 'always' },
    details: z.looseObject({}),
  },
  {
    ...trail,
    eventType: 'TRAIL_READ',
    when: 'Somebody read events, inputs or outputs, where reading is on record.',
    statuses: ['SUCCESS'],
    columns: { ...administrationColumns, details: 'always' },
    details: z.looseObject({ path: text }),
  },
  {
    ...trail,
    eventType: 'TRAIL_KEY_CREATED',
    when: 'A key was created.',
    columns: byActor,
    details: z.looseObject({ keyId: text }),
  },
  {
    ...trail,
    eventType: 'TRAIL_KEY_REVOKED',
    when: 'A key was revoked.',
    columns: byActor,
    details: z.looseObject({ keyId: text }),
  },
  {
    ...trail,
    eventType: 'TRAIL_LOG_RESTARTED',
    when: 'Another log took the place of one that could not go on; it is the first entry of the new one.',
    columns: byActorForReason,
    details: z.looseObject({ origin: text, predecessor: text }),
  },
  {
    ...trail,
    eventType: 'TRAIL_POLICY_CHANGED',
    when: 'A policy of the trail was changed.',
    columns: byActorForReason,
    details: z.looseObject({ before: z.json(), after: z.json() }),
  },
] as const satisfies readonly EventType[]
