import type { NatsConnection } from '@nats-io/transport-node'

/** What the client has inside, and its types do not say: what takes commands of the protocol as they are. */
interface WithProtocol {
  readonly protocol?: { sendCommand?: (bytes: Uint8Array) => void } | undefined
}

/**
 * Publishes messages that say nothing, one at each subject. Their commands go to the client as one, since it takes
 * longer over two thousand than over one of that length; a client that does not take them so gets each by itself.
 */
export function publishEmpty(connection: NatsConnection, subjects: Iterable<string>): void {
  const { protocol } = connection as NatsConnection & WithProtocol
  if (typeof protocol?.sendCommand !== 'function') {
    for (const subject of subjects) connection.publish(subject)
    return
  }
  let commands = ''
  for (const subject of subjects) commands += `PUB ${subject} 0\r\n\r\n`
  if (commands !== '') protocol.sendCommand(Buffer.from(commands))
}
