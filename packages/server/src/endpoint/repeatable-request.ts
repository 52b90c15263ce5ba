import { createHash } from 'node:crypto'
import { beginRequest, type BegunRequest, endRequest, type IdempotentRequest } from '@steptrail/core'
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

/** How a request is carried out, and answered when it comes again. */
export interface CarriedOut<Outcome> {
  readonly carryOut: () => Promise<Outcome>
  /** What is noted of it: JSON, and not null. */
  readonly noted: (outcome: Outcome) => Json
  /** What is answered when it comes again, by what was noted. */
  readonly again: (noted: Json) => Promise<Outcome> | Outcome
}

/**
 * Carries a request out; one that comes again with its Idempotency-Key is not carried out twice, but answered. One that
 * failed may be tried again. So may one of which nothing is known any more, since the server ended meanwhile.
 *
 * @throws TrailError `server_busy` while the first is being carried out; `idempotency_conflict`, `invalid_input`
 */
export async function once<Outcome>(
  services: Services,
  sent: SentRequest,
  { carryOut, noted, again }: CarriedOut<Outcome>,
): Promise<Outcome> {
  const request = await begunRequest(services, sent)
  if (!request) return await carryOut()
  const { answer, isNew, ageMs } = request.begun
  if (isNoted(answer)) return await again(answer.noted)
  if (!isNew && answer === null && ageMs < longestMs) throw underWay(request.key)
  // What was carried out is answered, though nobody could note it: an error would have it sent, and carried out, again.
  const note = (became: Json): Promise<void> =>
    endRequest(services.database, request, became).catch((cause: unknown) =>
      services.onTrouble('what became of a request with an Idempotency-Key cannot be noted', cause),
    )
  const outcome = await carryOut().catch(async (error: unknown) => {
    await note({ failed: true })
    throw error
  })
  await note({ noted: noted(outcome) })
  return outcome
}

/**
 * Has an order to an execution carried out once, though its request may be sent again while the first one waits for that
 * execution, or to another server, or after one that died over it: it is noted with the order itself.
 */
export const orderedOnce = (request: RepeatableRequest): Once => ({
  isDone: async (query) => isNoted((await beginRequest({ query }, request)).answer),
  note: (query) => endRequest({ query }, request, { noted: true }),
})

/** A request that has taken so long has ended, whatever became of it. */
const longestMs = 60_000

/** Whether it was carried out, by what is known of it. */
export const isNoted = (answer: Json): answer is { readonly noted: Json } =>
  typeof answer === 'object' && answer !== null && 'noted' in answer

const underWay = (key: string): TrailError =>
  new TrailError(
    'server_busy',
    `the request with the Idempotency-Key ${JSON.stringify(key)} is being carried out: send it again in a second`,
    { details: { retryAfterSeconds: 1 } },
  )
