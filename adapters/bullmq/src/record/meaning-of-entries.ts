import type { SourcedObservation } from '@steptrail/core'
import { executionOf, type Knowledge, meaningOf } from './observations-of.ts'
import type { OpenAttempts } from './open-attempt.ts'
import type { OutboxEntry } from './outbox.ts'

/** What entries of the outbox mean, and what is known after them of attempts under way. */
export interface MeaningOfEntries {
  readonly observations: readonly SourcedObservation[]
  readonly open: OpenAttempts
}

/**
 * What entries mean after those before them. An observation has its id by its entry.
 *
 * @throws TrailError `invalid_event` for an entry of a kind that is not known
 */
export function meaningOfEntries(
  entries: readonly OutboxEntry[],
  before: OpenAttempts,
  knowledge: Knowledge,
): MeaningOfEntries {
  const observations: SourcedObservation[] = []
  const open = new Map(before)
  for (const entry of entries) {
    const execution = executionOf(entry)
    const meaning = meaningOf(entry, open.get(execution) ?? null, knowledge)
    if (meaning.open === null) open.delete(execution)
    else open.set(execution, meaning.open)
    meaning.observations.forEach((observation, index) =>
      observations.push({ id: `${entry.id}.${index}`, observation }),
    )
  }
  return { observations, open }
}
