import { type Database, insertEvents } from '@steptrail/core'
import { failed, SimulatedExecution, succeeded } from '@steptrail/testkit'
import { uuidV7 } from '@steptrail/event'
import { defineWorkflow } from '@steptrail/workflow'
import { z } from 'zod'

const steps = 50
const retries = 99

const step = { service: 'long-service', output: z.object({}) }

/** Steps one after another, each of which succeeds at its last attempt. */
const longRun = defineWorkflow({
  name: 'long-run',
  version: '1.0.0',
  input: z.object({}),
  retry: { maxRetries: retries, backoff: { type: 'fixed', delayMs: 20 } },
  steps: Object.fromEntries(
    Array.from({ length: steps }, (_, index) => [
      `step${index}`,
      { ...step, ...(index === 0 && { after: [] }) },
    ]),
  ),
})

/** Puts an execution of about 10,000 events on record. Gives its id and their number. */
export async function recordLongRun(
  database: Database,
): Promise<{ readonly executionId: string; readonly events: number }> {
  const execution = new SimulatedExecution(longRun.definition, {}, { now: Date.now() - 3_600_000 })
  execution.start()
  for (let index = 0; index < steps; index += 1) {
    const name = `step${index}`
    for (let attempt = 0; attempt < retries; attempt += 1) {
      execution.perform(name, failed('not yet'), { tookMs: 5 })
      execution.wake(name)
    }
    execution.perform(name, succeeded(), { tookMs: 5 })
  }
  const { executionId, definition, correlationId } = execution.snapshot
  const events = execution.events.map(({ actor, parent: _, ...event }) => ({
    ...event,
    id: uuidV7(event.timestamp),
    timestamp: new Date(event.timestamp).toISOString(),
    executionId,
    workflowName: definition.name,
    workflowVersion: definition.version,
    correlationId,
    actorType: actor?.type ?? null,
    actorId: actor?.id ?? null,
    tenant: 'default',
  }))
  for (let from = 0; from < events.length; from += 1_000)
    await database.transaction((tx) =>
      insertEvents((text, values) => tx(text, values), events.slice(from, from + 1_000)),
    )
  return { executionId, events: events.length }
}
