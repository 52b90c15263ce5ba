import { createHash } from 'node:crypto'
import { beginRequest, type BegunRequest, endRequest, type IdempotentRequest } from '@steptrail/core'
import type { Once } from '@steptrail/saga'
import type { Principal } from '../access/principal.ts'
import type { Services } from '../services.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'

/** A request with an Idempotency-Key, and what is known of it. */
export interface RepeatableRequest extends IdempotentRequest {
  readonly begun: BegunRequest
}

/** What tells one request from another. */
export interface SentRequest {
  readonly request: Request
  readonly principal: Principal
  readonly body: string | Uint8Array
}

/**
 * Notes a request that has an Idempotency-Key; undefined for one that has none.
 *
 * @throws TrailError `idempotency_conflict`, `invalid_input`
 */
export async function begunRequest(
  { database }: Services,
  { request, principal, body }: SentRequest,
): Promise<RepeatableRequest | undefined> {
  const { idempotencyKey: key } = idempotencyKeyOf(request)
  if (key === undefined) return undefined
  const { pathname } = new URL(request.url)
  const sha256 = createHash('sha256').update(`${request.method} ${pathname}\n`).update(body).digest('hex')
  const caller = principal.countedAs
  return { caller, key, sha256, begun: await beginRequest(database, { caller, key, sha256 }) }
}

/**
 * Has an order carried out once, though its request may be sent again while the first one waits for the execution, or to
 * another server.
 */
export const onceOf = (request: RepeatableRequest): Once => ({
  isDone: async (query) => (await beginRequest({ query }, request)).answer !== null,
  note: (query) => endRequest({ query }, request, true),
})
