import type { Connection } from '../connection/connection.ts'
import {
  type CreatedKey,
  createdKeySchema,
  type Key,
  keyListSchema,
  keySchema,
  type NewKey,
} from '../messages/index.ts'
import type { RequestOptions } from './request-options.ts'

/** Keys over HTTP. Each method rejects with a `TrailError` that has the code of the server's problem. */
export class KeyApi {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Every key there ever was, the newest first. */
  async list({ signal }: RequestOptions = {}): Promise<readonly Key[]> {
    const asked = { method: 'GET', path: '/api/v1/keys', signal } as const
    return (await this.#connection.json(asked, keyListSchema)).keys
  }

  /** Makes a key. Its secret is in the answer, and nowhere else. */
  create(key: NewKey, { signal }: RequestOptions = {}): Promise<CreatedKey> {
    const asked = { method: 'POST', path: '/api/v1/keys', body: JSON.stringify(key), signal } as const
    return this.#connection.json(asked, createdKeySchema)
  }

  /** Ends that a key counts. */
  revoke(keyId: string, { signal }: RequestOptions = {}): Promise<Key> {
    const path = `/api/v1/keys/${encodeURIComponent(keyId)}`
    return this.#connection.json({ method: 'DELETE', path, signal }, keySchema)
  }
}
