import { hash } from 'node:crypto'
import type { AddedBody, LeftBody, OutboxEntry } from './outbox.ts'

/** An entry of a stream of Redis: its id, and its fields each with its value. */
export type StreamEntry = readonly [string, readonly string[]]

/**
 * An entry of the outbox in Redis. What a script of Redis does not know is null, and what it has no SHA-256 for is
 * with the entry: the data of a job that was added, and what one gave that is done.
 */
export function readEntry([id, fields]: StreamEntry): OutboxEntry {
  const named = new Map<string, string>()
  for (let index = 0; index + 1 < fields.length; index += 2)
    named.set(fields[index] ?? '', fields[index + 1] ?? '')
  const entry = {
    id,
    queue: named.get('queue') ?? '',
    jobId: named.get('jobId') ?? '',
    addedAt: Number(named.get('addedAt') ?? 0),
    at: Number(named.get('at') ?? 0),
    kind: named.get('kind') ?? '',
  }
  const body = JSON.parse(named.get('body') ?? '{}') as object
  const { sha256, bytes } = digestOf(named.get('content'))
  if (entry.kind === 'added') return { ...entry, body: { ...unknownOfAdded, ...body, sha256 } } as OutboxEntry
  if (entry.kind === 'left')
    return { ...entry, body: { ...unknownOfLeft, ...body, sha256, bytes } } as OutboxEntry
  return { ...entry, body } as OutboxEntry
}

const unknownOfAdded: Partial<AddedBody> = { parent: null }

const unknownOfLeft: Partial<LeftBody> = {
  startedAt: null,
  endedAt: null,
  worker: null,
  retryAt: null,
  error: null,
}

/** BullMQ writes nothing that was given as `null`. */
function digestOf(content: string | undefined): Pick<LeftBody, 'sha256' | 'bytes'> {
  if (content === undefined || content === '' || content === 'null') return { sha256: null, bytes: null }
  return {
    sha256: hash('sha256', content, 'hex'),
    bytes: Buffer.byteLength(content),
  }
}
