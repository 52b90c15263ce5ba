import { TrailError } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import type { Query } from '../database/database.ts'

/** A request that may come again. */
export interface IdempotentRequest {
  readonly caller: string
  readonly key: string
  /** SHA-256 of what was asked, in hexadecimal. */
  readonly sha256: string
}

/** What is known of it. */
export interface BegunRequest {
  /** When it first came, ISO 8601. */
  readonly firstSeenAt: string
  readonly isNew: boolean
  /** How long ago it first came, by the database's clock. */
  readonly ageMs: number
  /** What was answered; null when nothing was noted. */
  readonly answer: Json
}

/**
 * Notes a request, or finds the one that came before with its key.
 *
 * @throws TrailError `idempotency_conflict` when that was another
 */
export async function beginRequest(
  { query }: { readonly query: Query },
  { caller, key, sha256 }: IdempotentRequest,
): Promise<BegunRequest> {
  const { rows } = await query<BegunRow>(beginStatement, [caller, key, sha256])
  const [row] = rows
  if (!row)
    throw new TrailError('transaction_aborted', 'a request was forgotten while it was begun: send it again')
  if (row.request_sha256 !== sha256)
    throw new TrailError(
      'idempotency_conflict',
      `the Idempotency-Key ${JSON.stringify(key)} was used before, for another request: give this one its own`,
      { details: { parameter: 'Idempotency-Key' } },
    )
  return { firstSeenAt: row.first_seen_at, isNew: row.is_new, ageMs: row.age_ms, answer: row.answer }
}

/** Notes what was answered, for when it comes again. */
export async function endRequest(
  { query }: { readonly query: Query },
  { caller, key }: IdempotentRequest,
  answer: Json,
): Promise<void> {
  await query('select end_request($1, $2, $3::text::jsonb)', [caller, key, JSON.stringify(answer)])
}

const beginStatement = `
select request.*, (extract(epoch from clock_timestamp() - request.first_seen_at) * 1000)::float8 as age_ms
from begin_request($1, $2, $3) as request`

interface BegunRow {
  readonly request_sha256: string
  readonly first_seen_at: string
  readonly answer: Json
  readonly is_new: boolean
  readonly age_ms: number
}
