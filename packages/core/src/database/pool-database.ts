import { AsyncLocalStorage } from 'node:async_hooks'
import { TrailError } from '@steptrail/event'
import type { Pool } from 'pg'
import { withSession } from './client-session.ts'
import type { ClientSession } from './client-session.ts'
import type { CopyIn, Database, Query, TransactionOptions } from './database.ts'
import { endsWithin } from './ends-within.ts'

/** What a handle is made of. */
export interface PoolDatabaseOptions {
  readonly kind: Database['kind']
  readonly schema: string
  readonly name: string
  readonly dataDir?: string | undefined
  readonly pool: Pool
  /** How long what is under way when it is closed may go on. */
  readonly closeTimeoutMs: number
  /** Ends the connections that are being made, which nobody has yet. */
  readonly abandon?: () => void
  /** Ends the connections that are then still open, so that whatever holds them fails. */
  readonly sever?: () => Promise<unknown>
  /** What to close after the pool. */
  readonly onClose?: () => Promise<void>
}

/** The handle over a pool, of a server or of the embedded database. */
export class PoolDatabase implements Database {
  readonly kind: Database['kind']
  readonly schema: string
  readonly name: string
  readonly dataDir: string | null
  readonly pool: Pool
  readonly copy: CopyIn | null
  /** Aborted by `close`. */
  readonly closing: AbortSignal
  readonly #ending = new AbortController()
  readonly #options: PoolDatabaseOptions
  readonly #held = new AsyncLocalStorage<{ isActive: boolean }>()
  #closing: Promise<void> | undefined

  constructor(options: PoolDatabaseOptions) {
    this.kind = options.kind
    this.schema = options.schema
    this.name = options.name
    this.dataDir = options.dataDir ?? null
    this.pool = options.pool
    this.copy =
      options.kind === 'postgres'
        ? (statement, input) => this.session((session) => session.copy(statement, input))
        : null
    this.closing = this.#ending.signal
    this.#options = options
    this.pool.on('error', forgetLostConnection)
    // The pool itself does not listen while it sets a connection up, nor until whoever asked has taken it.
    this.pool.on('connect', (client) => client.on('error', forgetLostConnection))
  }

  readonly query: Query = (text, values) => this.session((session) => session.query(text, values))

  transaction<T>(work: (tx: Query) => Promise<T>, options?: TransactionOptions): Promise<T> {
    return this.session((session) => session.transaction(work, options))
  }

  /**
   * Runs `work` on one connection, for what needs the same session in several transactions. Throws
   * `database_closed` once `close` has been called, also to who waits for a connection then.
   */
  async session<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
    this.closing.throwIfAborted()
    if (this.kind === 'postgres') return withSession(this, work)
    if (this.#held.getStore()?.isActive) throw nestedUse()
    const held = { isActive: true }
    return withSession(this, (session) => this.#held.run(held, () => work(session))).finally(() => {
      held.isActive = false
    })
  }

  close(): Promise<void> {
    this.#ending.abort(closed(this.name))
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** A server that has fallen silent, or work that never gives its connection back, must not hold it up for ever. */
  async #close(): Promise<void> {
    const { closeTimeoutMs, abandon, sever, onClose } = this.#options
    const ended = this.pool.end()
    abandon?.()
    if (!(await endsWithin(ended, closeTimeoutMs))) await sever?.()
    await onClose?.()
  }
}

/**
 * The pool has dropped the connection before it says so, and the next statement opens another or fails with the
 * reason; without a listener Node would end the process.
 */
const forgetLostConnection = (): void => undefined

const closed = (name: string): TrailError =>
  new TrailError(
    'database_closed',
    `${name} has been closed by this program: close what uses it, such as workers, runtimes and feeds, before it`,
    { details: { database: name } },
  )

const nestedUse = (): TrailError =>
  new TrailError(
    'nested_transaction',
    'the embedded database has one connection, and a transaction holds it: use the `tx` that the transaction gives',
  )
