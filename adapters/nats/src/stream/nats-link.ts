import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { TrailError } from '@steptrail/event'
import { addressOf, type NatsAddress, type NatsOptions } from './nats-options.ts'

/** JetStream over a connection that is there. */
export interface OpenLink {
  readonly connection: NatsConnection
  readonly client: JetStreamClient
  readonly manager: JetStreamManager
}

/**
 * A connection to a cluster, made when it is first asked for. Once made, it looks for another node by itself whenever
 * the one it has is lost, for as long as it takes; the first one is for the caller to try again.
 *
 * `unconnected → connected → closed`
 */
export class NatsLink implements AsyncDisposable {
  readonly #options: NatsOptions
  readonly #address: NatsAddress
  #opening: Promise<OpenLink> | undefined
  #isClosed = false

  /** Throws `invalid_configuration` for servers that cannot be read. */
  constructor(options: NatsOptions) {
    this.#options = options
    this.#address = addressOf(options)
  }

  /** The nodes that were named, in alphabetical order. */
  get hosts(): readonly string[] {
    return this.#address.hosts.toSorted()
  }

  /** Throws `stream_unreachable` when no node answers. */
  async open(): Promise<OpenLink> {
    if (this.#isClosed) throw unreachable('the connection to NATS has been closed')
    this.#opening ??= this.#connect()
    try {
      return await this.#opening
    } catch (error) {
      this.#opening = undefined
      throw unreachable(`no node of NATS answers at ${this.hosts.join(', ')}: ${messageOf(error)}`, error)
    }
  }

  /** Sends what is on its way, and disconnects. */
  async close(): Promise<void> {
    this.#isClosed = true
    const open = await this.#opening?.catch(() => undefined)
    await open?.connection.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #connect(): Promise<OpenLink> {
    const connection = await connect({
      name: 'steptrail',
      timeout: 5_000,
      reconnectTimeWait: 250,
      // A node that has stopped without hanging up is found out in four to six seconds.
      pingInterval: 2_000,
      maxPingOut: 2,
      // Without it every publish takes two stacks, for errors that it mostly does not have.
      noAsyncTraces: true,
      ...this.#address.login,
      ...this.#options.connection,
      servers: [...this.#address.hosts],
      maxReconnectAttempts: -1,
    })
    const client = jetstream(connection)
    // Whether JetStream is there is found out by the first thing asked of it.
    return { connection, client, manager: await jetstreamManager(connection, { checkAPI: false }) }
  }
}

/** The error for a cluster, or a stream of it, that does not take or give what it is asked for. */
export const unreachable = (message: string, cause?: unknown): TrailError =>
  new TrailError('stream_unreachable', message, { ...(cause !== undefined && { cause }) })

/** What an error says. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
