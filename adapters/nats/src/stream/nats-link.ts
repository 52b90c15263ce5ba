import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream'
import { connect, errors, type NatsConnection } from '@nats-io/transport-node'
import { addressOf, type NatsAddress, type NatsOptions } from './nats-options.ts'
import { unconnected, unreachable } from './nats-trouble.ts'

/** JetStream over a connection that is there. */
export interface OpenLink {
  readonly connection: NatsConnection
  readonly client: JetStreamClient
  readonly manager: JetStreamManager
}

/**
 * A connection to a cluster, made when it is first asked for. Once made, it looks for another node by itself whenever
 * the one it has is lost, for as long as it takes; the first one is for the caller to try again, and so is the next one
 * where the nodes have turned this user away.
 *
 * `unconnected → connected → closed`
 */
export class NatsLink implements AsyncDisposable {
  readonly #options: NatsOptions
  readonly #address: NatsAddress
  #opening: Promise<OpenLink> | undefined
  #connection: NatsConnection | undefined
  /** Where this user may not publish, since the connection was made. */
  readonly #refused = new Map<string, Error>()
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

  /** The connection that is there now; null without one. */
  get connection(): NatsConnection | null {
    return this.#connection?.isClosed() === false ? this.#connection : null
  }

  /**
   * What a node has said to a message that this user may not publish, at a subject that begins thus. It answers nobody,
   * so whoever waits for an answer asks for this as well. Null where it has refused none.
   */
  refusal(subject: string): Error | null {
    for (const [refused, error] of this.#refused) if (refused.startsWith(subject)) return error
    return null
  }

  /** Throws `stream_unreachable` when no node answers. */
  async open(): Promise<OpenLink> {
    if (this.#isClosed) throw unreachable('the connection to NATS has been closed')
    const opening = (this.#opening ??= this.#connect())
    try {
      return await opening
    } catch (error) {
      if (this.#opening === opening) this.#opening = undefined
      throw unconnected(this.hosts.join(', '), error)
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
    this.#connection = connection
    void this.#listen(connection)
    const client = jetstream(connection)
    try {
      // Whether JetStream is there is found out by the first thing asked of it.
      return { connection, client, manager: await jetstreamManager(connection, { checkAPI: false }) }
    } catch (error) {
      await connection.close()
      throw error
    }
  }

  /** A node that turns a user away twice is not asked again by the client: then a new connection is to be made. */
  async #listen(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'reconnect') this.#refused.clear()
      if (status.type === 'error' && status.error instanceof errors.PermissionViolationError)
        this.#keepRefusal(status.error)
    }
    this.#refused.clear()
    this.#opening = undefined
  }

  /** Of the subjects by which messages are acknowledged each is another: one of them stands for all. */
  #keepRefusal(error: InstanceType<typeof errors.PermissionViolationError>): void {
    if (error.operation !== 'publish') return
    this.#refused.set(error.subject.replace(/^(\$JS\.ACK)\..*$/, '$1.>'), error)
  }
}
