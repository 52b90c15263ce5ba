import { createHash } from 'node:crypto'
import {
  beginRequest,
  type BegunRequest,
  type Database,
  endRequest,
  type IdempotentRequest,
  type Query,
  type TransactionOptions,
} from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import type { Once } from '@steptrail/saga'
import type { Json } from '@steptrail/verify'
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

/** Where a request changes something. */
export interface Writer extends Pick<Database, 'transaction'> {
  /** Whether the change was made before, and what it gave then was given again. */
  readonly isRepeated: boolean
}

/**
 * The database for the one transaction in which a request changes something; what that gives is JSON. Of a request that
 * has an Idempotency-Key it is noted with the change itself, so that the change is made once, whatever dies and however
 * often the request comes; when it comes again, the transaction gives what it gave then, and does nothing. A transaction
 * that fails leaves no note, and may be tried again.
 *
 * @throws TrailError by `transaction`: `server_busy` while another has the same request under way
 */
export function writerOf(database: Database, request: RepeatableRequest | undefined): Writer {
  if (!request)
    return { isRepeated: false, transaction: (work, options) => database.transaction(work, options) }
  let isRepeated = false
  return {
    get isRepeated() {
      return isRepeated
    },
    transaction: <T>(work: (tx: Query) => Promise<T>, options?: TransactionOptions) =>
      database.transaction(async (tx) => {
        await requireAlone(tx, request)
        const { answer } = await beginRequest({ query: tx }, request)
        isRepeated = isNoted(answer)
        if (isNoted(answer)) return answer.noted as T
        const outcome = await work(tx)
        await endRequest({ query: tx }, request, { noted: (outcome ?? null) as Json })
        return outcome
      }, options),
  }
}

/** The lock goes with the transaction, and so with whoever died in it. */
async function requireAlone(tx: Query, { caller, key }: RepeatableRequest): Promise<void> {
  const { rows } = await tx<{ alone: boolean }>(
    `select pg_try_advisory_xact_lock(hashtextextended(current_schema() || ' request ' || $1, 0)) as alone`,
    [JSON.stringify([caller, key])],
  )
  if (!rows[0]?.alone) throw underWay(key)
}

/**
 * Has an order to an execution carried out once, though its request may be sent again while the first one waits for that
 * execution, or to another server, or after one that died over it: it is noted with the order itself.
 */
export const orderedOnce = (request: RepeatableRequest): Once => ({
  isDone: async (query) => isNoted((await beginRequest({ query }, request)).answer),
  note: (query) => endRequest({ query }, request, { noted: true }),
})

/** Whether it was carried out, by what is known of it. */
export const isNoted = (answer: Json): answer is { readonly noted: Json } =>
  typeof answer === 'object' && answer !== null && 'noted' in answer

const underWay = (key: string): TrailError =>
  new TrailError(
    'server_busy',
    `the request with the Idempotency-Key ${JSON.stringify(key)} is being carried out: send it again in a second`,
    { details: { retryAfterSeconds: 1 } },
  )
