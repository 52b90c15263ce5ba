import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import { TrailError } from '@steptrail/event'
import { isHeard } from './is-heard.ts'
import type { StreamPlaces } from './stream-places.ts'

/** How their consumer is made. */
export interface ConsumerOptions {
  readonly ackWaitMs: number
  /** Names the trail that its events go to. */
  readonly trail: string
}

/** How many messages may be with ingesters at a time, all of them together. */
const maxAckPending = 50_000

/**
 * Makes the consumer where it is not there, with the name of its trail: ingesters of two databases would share out the
 * events of both among them. Throws `invalid_configuration` for one of another trail, and for one that keeps events back.
 */
export async function requireConsumer(
  manager: JetStreamManager,
  places: StreamPlaces,
  { ackWaitMs, trail }: ConsumerOptions,
): Promise<void> {
  const { stream, consumer } = places
  const { config } = await consumerOf(manager, places, { ackWaitMs, trail })
  const faults = faultsOfConsumer(config, places)
  const anew = `delete it (nats consumer rm ${stream} ${consumer}), and an ingester makes it anew`
  if (faults.length > 0)
    throw new TrailError(
      'invalid_configuration',
      `the consumer ${consumer} of the stream ${stream} would keep events off the record: ${faults.join('; ')}: ${anew}`,
      { details: { stream, consumer, faults } },
    )
  const description = descriptionFor(trail)
  if (config.description?.startsWith(descriptionFor('')) && config.description !== description)
    throw new TrailError(
      'invalid_configuration',
      `the consumer ${consumer} of the stream ${stream} is of another trail (${config.description}; this one is ${trail}): give each a stream of its own; where the other is no more, ${anew}`,
      { details: { stream, consumer, trail } },
    )
  if (config.ack_wait === nanos(ackWaitMs) && config.description === description) return
  await manager.consumers.update(stream, consumer, { ack_wait: nanos(ackWaitMs), description })
}

const descriptionFor = (trail: string): string => `Steptrail ${trail}`

async function consumerOf(
  manager: JetStreamManager,
  { stream, consumer }: StreamPlaces,
  { ackWaitMs, trail }: ConsumerOptions,
): Promise<ConsumerInfo> {
  try {
    return await manager.consumers.info(stream, consumer)
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound))
      throw error
    return await manager.consumers.add(stream, {
      durable_name: consumer,
      description: descriptionFor(trail),
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: maxAckPending,
      // Nothing is given up because it could not be written for long.
      max_deliver: -1,
    })
  }
}

function faultsOfConsumer(config: ConsumerConfig, { events, engine }: StreamPlaces): readonly string[] {
  const { filter_subject: filter, filter_subjects: filters = filter ? [filter] : [] } = config
  const left = filters.length === 0 ? [] : [events, engine].filter((each) => !isHeard(each, filters))
  return [
    ...(config.deliver_subject ? ['it pushes messages'] : []),
    ...(config.headers_only ? ['it delivers headers alone (headers_only)'] : []),
    ...((config.max_deliver ?? -1) > 0
      ? [`it gives up after ${config.max_deliver} deliveries (max_deliver)`]
      : []),
    ...(left.length > 0 ? [`it leaves out ${left.join(' and ')} (filter_subject)`] : []),
  ]
}
