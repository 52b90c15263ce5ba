import { type Database, sha256 } from '@steptrail/core'
import type { PoolClient } from 'pg'
import type { Wake, WakeSignal } from './wake-signal.ts'

/** PostgreSQL takes no channel whose name has more bytes. */
const longestChannel = 63

/** The channel on which deciders of one schema tell each other. */
function channelOf({ schema }: Database): string {
  const channel = `steptrail_wake_${schema}`
  return Buffer.byteLength(channel) <= longestChannel
    ? channel
    : `steptrail_wake_${sha256(schema).slice(0, 32)}`
}

/**
 * Tells other processes; after the commit, once a batch. A payload holds the names of services. The commit that
 * tells them is not waited for on disk: what is lost with the server would have woken nobody any more.
 */
export async function notifyWake(database: Database, wake: Wake): Promise<void> {
  await database.query(`select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)`, [
    channelOf(database),
    JSON.stringify(wake),
  ])
}

const reconnectMs = 1_000

/**
 * Passes on what other processes tell, for as long as it is open. When its connection breaks, it makes a new
 * one; meanwhile those who wait look by themselves. On the embedded database there is nobody else to hear.
 */
export class WakeListener {
  readonly #database: Database
  readonly #signal: WakeSignal
  readonly #closing = new AbortController()
  #client: PoolClient | null = null
  #timer: NodeJS.Timeout | null = null

  constructor(database: Database, signal: WakeSignal) {
    this.#database = database
    this.#signal = signal
  }

  /** Starts to listen. A database that is away is tried again. */
  async open(): Promise<void> {
    if (this.#database.kind === 'embedded' || this.#closing.signal.aborted) return
    // The only connection is for those who work; they look by themselves.
    if (this.#database.pool.options.max === 1) return
    try {
      const client = await this.#database.pool.connect()
      if (this.#closing.signal.aborted) client.release()
      else await this.#listen(client)
    } catch {
      // Waiting goes on without a connection until one is to be had.
      this.#reconnectLater()
    }
  }

  /** However a connection is lost, and however often it says so, it is given back once and replaced by one. */
  async #listen(client: PoolClient): Promise<void> {
    client.on('notification', (message) => this.#hear(message.payload ?? ''))
    client.once('error', (error: Error) => this.#lost(client, error))
    client.once('end', () => this.#lost(client, new Error('the connection ended')))
    this.#client = client
    try {
      await client.query(`listen ${client.escapeIdentifier(channelOf(this.#database))}`)
    } catch (error) {
      this.#lost(client, error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Stops listening and gives the connection back. */
  close(): void {
    this.#closing.abort()
    if (this.#timer) clearTimeout(this.#timer)
    const client = this.#client
    this.#client = null
    client?.removeAllListeners('end')
    client?.release(true)
  }

  #hear(payload: string): void {
    const wake = parseWake(payload)
    if (wake) this.#signal.wake(wake)
  }

  #lost(client: PoolClient, error: Error): void {
    if (this.#client !== client) return
    this.#client = null
    client.release(error)
    this.#reconnectLater()
  }

  #reconnectLater(): void {
    if (this.#closing.signal.aborted) return
    this.#timer = setTimeout(() => void this.open(), reconnectMs)
    this.#timer.unref()
  }
}

/** A payload that somebody else sent on the channel is not ours to trust. */
function parseWake(payload: string): Wake | null {
  let value: unknown
  try {
    value = JSON.parse(payload)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || !('services' in value)) return null
  return {
    services: textsOf(value.services),
    clock: 'clock' in value && value.clock === true,
    ended: 'ended' in value ? textsOf(value.ended) : [],
  }
}

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((text) => typeof text === 'string') : []
