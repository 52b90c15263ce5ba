import { type EventToWrite, insertEvents } from '@steptrail/core'
import { type AuditEvent, uuidV7 } from '@steptrail/event'
import { rolledBack } from '@steptrail/testkit/recorded-events'
import type { Stage } from './stage.ts'

/**
 * Puts on record that four steps were to run, of which the third failed three times and lost a worker once, and that all
 * was undone. It is known by its events alone, as what was recorded elsewhere. Resolves with its id.
 *
 * @param change what is different about an event
 */
export async function tellRolledBack(
  stage: Stage,
  change: (event: AuditEvent) => Partial<EventToWrite> = () => ({}),
): Promise<string> {
  const executionId = uuidV7(Date.now())
  const events = rolledBack.map((event): EventToWrite => {
    const { salt: _, recordedAt: __, stepId: ___, ...written } = event
    return { ...written, ...change(event), id: uuidV7(Date.parse(event.timestamp)), executionId }
  })
  await stage.database.transaction((tx) => insertEvents((text, values) => tx(text, values), events))
  return executionId
}
