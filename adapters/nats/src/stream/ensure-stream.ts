import {
  AckPolicy,
  type ConsumerInfo,
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import { TrailError } from '@steptrail/event'
import type { OpenLink } from './nats-link.ts'
import type { StreamPlaces } from './stream-places.ts'

/** How streams are made that are not there yet. */
export interface StreamOptions {
  /** On how many nodes each message is. Default: 3 in a cluster, 1 on a node by itself. */
  readonly replicas?: number | undefined
  /** Bytes that may wait on disk; beyond them NATS takes nothing more, and recorders spool. Default: what NATS has. */
  readonly maxBytes?: number | undefined
}

/**
 * Makes the stream of events, that of dead letters, and the consumer of the ingesters, where they are not there. What
 * is there is left as it is, but refused when it would let go of events that are in no database.
 *
 * @throws TrailError `invalid_configuration` for a stream that does
 */
export async function ensureStream(
  { manager, connection }: OpenLink,
  places: StreamPlaces,
  options: StreamOptions & { readonly ackWaitMs: number },
): Promise<void> {
  const { replicas = connection.info?.cluster === undefined ? 1 : 3, maxBytes = -1 } = options
  const common = { storage: StorageType.File, discard: DiscardPolicy.New, num_replicas: replicas }
  const events = { name: places.stream, subjects: [places.events, places.engine], max_bytes: maxBytes }
  const dead = { name: places.deadStream, subjects: [places.dead] }
  requireKeeping(
    await streamOf(manager, { ...common, ...events, retention: RetentionPolicy.Workqueue }),
    RetentionPolicy.Workqueue,
  )
  requireKeeping(
    await streamOf(manager, { ...common, ...dead, retention: RetentionPolicy.Limits }),
    RetentionPolicy.Limits,
  )
  await ensureConsumer(manager, places, options.ackWaitMs)
}

/** Two ingesters may make it at once: the second is told that it is there. */
async function streamOf(
  manager: JetStreamManager,
  config: Partial<StreamConfig> & { readonly name: string },
): Promise<StreamConfig> {
  try {
    return (await manager.streams.info(config.name)).config
  } catch (error) {
    if (!hasCode(error, JetStreamApiCodes.StreamNotFound)) throw error
    return (await manager.streams.add(config)).config
  }
}

function requireKeeping(config: StreamConfig, retention: StreamConfig['retention']): void {
  const { name, max_age: maxAge, max_msgs_per_subject: perSubject } = config
  const faults = [
    ...(config.retention === retention ? [] : [`retention is ${config.retention}: make it ${retention}`]),
    ...(config.discard === DiscardPolicy.New ? [] : ['it discards old messages: let it discard new ones']),
    ...(maxAge > 0 ? ['it lets messages expire (max_age): let it keep them'] : []),
    ...(perSubject > 0 ? ['it keeps so many messages a subject only: let it keep all'] : []),
  ]
  if (faults.length === 0) return
  throw new TrailError(
    'invalid_configuration',
    `the stream ${name} would lose events that are on no record: ${faults.join('; ')}`,
    { details: { stream: name, faults } },
  )
}

/** How many messages may be with ingesters at a time, all of them together. */
const maxAckPending = 50_000

async function ensureConsumer(
  manager: JetStreamManager,
  { stream, consumer }: StreamPlaces,
  ackWaitMs: number,
): Promise<ConsumerInfo> {
  try {
    const info = await manager.consumers.info(stream, consumer)
    if (info.config.ack_wait === nanos(ackWaitMs)) return info
    return await manager.consumers.update(stream, consumer, { ack_wait: nanos(ackWaitMs) })
  } catch (error) {
    if (!hasCode(error, JetStreamApiCodes.ConsumerNotFound)) throw error
    return await manager.consumers.add(stream, {
      durable_name: consumer,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: maxAckPending,
      // Nothing is given up because it could not be written for long.
      max_deliver: -1,
    })
  }
}

const hasCode = (error: unknown, code: number): boolean =>
  error instanceof JetStreamApiError && error.code === code
