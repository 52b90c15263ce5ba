import { createTrail, type Database, type EventInput } from '@steptrail/core'
import { SigningKey } from '../src/key/signing-key.ts'
import type { OutsideMemory } from '../src/memory/outside-memory.ts'
import { seal, type SealOptions } from '../src/seal/sealer.ts'

/** A memory for one test. */
export function memoryForTest(): OutsideMemory & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>()
  return {
    kept,
    read: async (origin) => kept.get(origin) ?? null,
    write: async (origin, checkpoint) => {
      kept.set(origin, checkpoint)
      return checkpoint
    },
  }
}

/** A key and a memory of its own, with which to seal again and again. */
export function sealing(more: Partial<SealOptions> = {}) {
  const options = { key: SigningKey.generate().key, memory: memoryForTest(), ...more }
  return { ...options, seal: (database: Database) => seal(database, options) }
}

/** Records events in a transaction of their own. */
export const record = (database: Database, events: readonly EventInput[]) =>
  database.transaction((tx) => createTrail(database).recordIn((text, values) => tx(text, values), events))

/** So many operations. */
export const operations = (count: number, more: Partial<EventInput> = {}): readonly EventInput[] =>
  Array.from({ length: count }, (_, number) => ({
    eventType: 'OPERATION',
    action: 'config_update',
    details: { number },
    ...more,
  }))
