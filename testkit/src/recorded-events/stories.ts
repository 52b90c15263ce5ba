import type { AuditEvent } from '@steptrail/event'
import {
  failed,
  orchestration,
  orchestrationStarted,
  recorded,
  stepStarted,
  succeededAtLast,
  worked,
} from './recorded-events.ts'

/** Every step works at once. */
export const straightThrough: readonly AuditEvent[] = recorded([
  orchestrationStarted(0),
  ...worked('createRealm', [1, 120, 520]),
  ...worked('createClient', [521, 560, 610]),
  ...worked('setupDefaultRoles', [611, 611, 611]),
  ...worked('createDefaultUser', [613, 700, 1180]),
  orchestration(1181, 'ORCHESTRATION_COMPLETED', { durationMs: 1181, message: 'Workflow completed' }),
])

/** The second step works at its third attempt; one attempt timed out. */
export const afterRetries: readonly AuditEvent[] = recorded([
  orchestrationStarted(0),
  ...worked('createRealm', [1, 400, 5234]),
  stepStarted('createClient', 5235),
  ...failed('createClient', {
    attempt: 1,
    claimed: 5800,
    at: 10_000,
    error: 'Connection refused',
    backoffMs: 5000,
  }),
  ...failed('createClient', {
    attempt: 2,
    claimed: 15_030,
    at: 20_000,
    error: 'no answer within 4,970 ms',
    errorCode: 'timeout',
    backoffMs: 5000,
  }),
  succeededAtLast('createClient', 3, [27_400, 28_456]),
  ...worked('setupDefaultRoles', [28_457, 28_500, 29_000]),
  ...worked('createDefaultUser', [29_001, 29_100, 31_000]),
  orchestration(31_001, 'ORCHESTRATION_COMPLETED', { durationMs: 31_001 }),
])

/** The third step fails for good, and the two before it are undone, the last first. */
export const rolledBack: readonly AuditEvent[] = recorded([
  orchestrationStarted(0),
  ...worked('createRealm', [1, 30, 300]),
  ...worked('createClient', [301, 340, 700]),
  stepStarted('setupDefaultRoles', 701),
  ...failed('setupDefaultRoles', { attempt: 1, claimed: 720, at: 800, error: taken(), backoffMs: 500 }),
  ...failed('setupDefaultRoles', { attempt: 2, claimed: 1310, at: 1380, error: taken(), backoffMs: 1000 }),
  ...failed('setupDefaultRoles', {
    attempt: 3,
    claimed: 2400,
    at: 3900,
    error: 'worker lost',
    errorCode: 'worker_lost',
    backoffMs: 2000,
  }),
  ...failed('setupDefaultRoles', { attempt: 4, claimed: 5920, at: 6000, error: taken() }),
  orchestration(6001, 'ORCHESTRATION_FAILED', {
    reason: taken(),
    details: { failedStep: 'setupDefaultRoles' },
  }),
  orchestration(6002, 'ROLLBACK_TRIGGERED', {
    reason: 'Step setupDefaultRoles failed',
    details: { triggerStep: 'setupDefaultRoles' },
  }),
  orchestration(6003, 'ROLLBACK_STARTED', {
    details: { stepsToRollback: ['setupDefaultRoles', 'createClient', 'createRealm'] },
  }),
  ...worked('setupDefaultRoles', [6004, 6030, 6200], 'UNDO'),
  ...worked('createClient', [6201, 6230, 6500], 'UNDO'),
  ...worked('createRealm', [6501, 6510, 7000], 'UNDO'),
  orchestration(7001, 'ROLLBACK_COMPLETED', {
    durationMs: 999,
    details: { rolledBackSteps: ['setupDefaultRoles', 'createClient', 'createRealm'] },
  }),
])

function taken(): string {
  return 'duplicate key value violates unique constraint "role_name_is_unique"'
}
