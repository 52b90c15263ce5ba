import { createHash } from 'node:crypto'
import { uuidV8 } from '@steptrail/event'
import type { ObservedEngine } from './observation.ts'

/** The id that an execution of another engine has here: the same whenever it is asked for. */
export const observedExecutionId = (
  { name, sourceId }: Pick<ObservedEngine, 'name' | 'sourceId'>,
  execution: string,
): string => idOf('execution', name, sourceId, execution)

/** A UUIDv8 that says nothing but what it is made of. */
export function idOf(...parts: readonly string[]): string {
  const hash = hashOf(parts)
  return uuidV8(hash.readUIntBE(10, 6), hash)
}

/** A UUIDv8 that begins with an instant, and is else made of these. */
export const idAt = (timestampMs: number, ...parts: readonly string[]): string =>
  uuidV8(timestampMs, hashOf(parts))

const hashOf = (parts: readonly string[]): Buffer =>
  createHash('sha256').update(JSON.stringify(parts), 'utf8').digest()
