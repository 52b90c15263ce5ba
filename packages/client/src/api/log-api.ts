import type { Connection } from '../connection/connection.ts'
import {
  type Consistency,
  consistencySchema,
  type ErasureCertificate,
  erasureCertificateSchema,
  type ErasureOrder,
  type Inclusion,
  inclusionSchema,
  type LogStatusMessage,
  logStatusSchema,
} from '../messages/index.ts'
import type { RepeatableRequestOptions, RequestOptions } from './request-options.ts'

/** Which log of a trail that was restarted. */
export interface LogQuery extends RequestOptions {
  /** Its name; the one that grows unless given. */
  readonly origin?: string | undefined
}

/**
 * The log over HTTP: what is needed to prove that what is on record is what was recorded. Nothing here verifies: that is
 * `@steptrail/verify`'s. Each method rejects with a `TrailError` that has the code of the server's problem.
 */
export class LogApi {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** How the logs stand, what waits to be sealed, and what verifying found last. */
  status({ signal }: RequestOptions = {}): Promise<LogStatusMessage> {
    return this.#connection.json({ method: 'GET', path: '/api/v1/log/status', signal }, logStatusSchema)
  }

  /** The last signed checkpoint, as a C2SP tlog-checkpoint. `log_not_begun` before the first. */
  async checkpoint({ signal, origin }: LogQuery = {}): Promise<string> {
    const asked = { method: 'GET', path: '/api/v1/log/checkpoint', query: { origin }, signal } as const
    return new TextDecoder().decode(await this.#connection.bytes(asked))
  }

  /** The bytes of a tile or a bundle of entries, by its path as C2SP tlog-tiles has it, such as `0/x001/234`. */
  tile(path: string, { signal, origin }: LogQuery = {}): Promise<Uint8Array<ArrayBuffer>> {
    const escaped = path.split('/').map(encodeURIComponent).join('/')
    return this.#connection.bytes({
      method: 'GET',
      path: `/api/v1/log/tile/${escaped}`,
      query: { origin },
      signal,
    })
  }

  /** The proof that an event is in its log. `event_not_sealed` before it is. */
  proveInclusion(eventId: string, { signal }: RequestOptions = {}): Promise<Inclusion> {
    const path = `/api/v1/log/proof/${encodeURIComponent(eventId)}`
    return this.#connection.json({ method: 'GET', path, signal }, inclusionSchema)
  }

  /** The proof that the last checkpoint continues one of `from` entries. */
  proveConsistency(from: number, { signal, origin }: LogQuery = {}): Promise<Consistency> {
    const query = { from, origin }
    return this.#connection.json(
      { method: 'GET', path: '/api/v1/log/consistency', query, signal },
      consistencySchema,
    )
  }

  /** Erases what people said and did, for good; resolves with the certificate. `access_denied` without the scope `admin`. */
  erase(
    order: ErasureOrder,
    { idempotencyKey, signal }: RepeatableRequestOptions = {},
  ): Promise<ErasureCertificate> {
    const path = '/api/v1/erasures'
    return this.#connection.json(
      { method: 'POST', path, body: JSON.stringify(order), idempotencyKey, signal },
      erasureCertificateSchema,
    )
  }

  /** The certificate of an erasure, once more. `erasure_not_found`; `access_denied` without the scope `admin`. */
  certificate(erasureId: string, { signal }: RequestOptions = {}): Promise<ErasureCertificate> {
    const path = `/api/v1/erasures/${encodeURIComponent(erasureId)}`
    return this.#connection.json({ method: 'GET', path, signal }, erasureCertificateSchema)
  }
}
