import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream'
import { TrailError } from '@steptrail/event'
import { type ConsumerOptions, requireConsumer } from './ensure-consumer.ts'
import { isHeard } from './is-heard.ts'
import type { OpenLink } from './nats-link.ts'
import { unreachable } from './nats-trouble.ts'
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
 * is there is left as it is, but refused when it would let go of events that are in no database, or gives them to
 * another one. Resolves with when the stream of events was made: one that is made anew numbers its messages from 1 again.
 *
 * @throws TrailError `invalid_configuration` for a stream or a consumer that does
 */
export async function ensureStream(
  { manager, connection }: OpenLink,
  places: StreamPlaces,
  options: StreamOptions & ConsumerOptions,
): Promise<string> {
  const { replicas = connection.info?.cluster === undefined ? 1 : 3, maxBytes = -1 } = options
  const common = { storage: StorageType.File, discard: DiscardPolicy.New, num_replicas: replicas }
  const make = (config: Wanted): Promise<StreamInfo> =>
    made(manager, config, { mayBeOnOne: options.replicas === undefined })
  const events = { name: places.stream, subjects: [places.events, places.engine], max_bytes: maxBytes }
  const dead = { name: places.deadStream, subjects: [places.dead] }
  const making = { manager, make }
  const ofEvents = { ...common, ...events, retention: RetentionPolicy.Workqueue }
  const { created } = await requireStream(making, ofEvents)
  await requireStream(making, { ...common, ...dead, retention: RetentionPolicy.Limits })
  await requireConsumer(manager, places, options)
  return created
}

/** When the stream of events was made; null where there is none. */
export async function whenMade(manager: JetStreamManager, { stream }: StreamPlaces): Promise<string | null> {
  try {
    return (await manager.streams.info(stream)).created
  } catch (error) {
    if (isNotFound(error)) return null
    throw error
  }
}

const isNotFound = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound

type Wanted = Pick<StreamConfig, 'name' | 'subjects' | 'retention'> & Partial<StreamConfig>

interface Making {
  readonly manager: JetStreamManager
  readonly make: (config: Wanted) => Promise<StreamInfo>
}

async function requireStream(making: Making, wanted: Wanted): Promise<StreamInfo> {
  const { name } = wanted
  const info = await streamOf(making, wanted)
  const faults = faultsOfStream(info.config, wanted)
  if (faults.length === 0) return info
  throw new TrailError(
    'invalid_configuration',
    `the stream ${name} would lose events that are on no record: ${faults.join('; ')}`,
    { details: { stream: name, faults } },
  )
}

/** Two ingesters may make it at once: the second is told that it is there. */
async function streamOf({ manager, make }: Making, config: Wanted): Promise<StreamInfo> {
  try {
    return await manager.streams.info(config.name)
  } catch (error) {
    if (!isNotFound(error)) throw error
    return await make(config)
  }
}

/** Of NATS: a node by itself keeps no replicas. A leaf node has the name of a cluster, and may be by itself. */
const notClustered = 10074

async function made(
  manager: JetStreamManager,
  config: Wanted,
  { mayBeOnOne }: { readonly mayBeOnOne: boolean },
): Promise<StreamInfo> {
  try {
    return await manager.streams.add(config)
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error
    if (mayBeOnOne && error.code === notClustered)
      return await made(manager, { ...config, num_replicas: 1 }, { mayBeOnOne: false })
    throw unreachable(
      `JetStream does not make the stream ${config.name}: ${error.message}: let the account have two streams and a ` +
        'consumer in files, or make them beforehand',
      error,
    )
  }
}

function faultsOfStream(config: StreamConfig, { subjects, retention }: Wanted): readonly string[] {
  const { max_age: maxAge, max_msgs_per_subject: perSubject, sources = [] } = config
  // What is sourced from other streams is published there.
  const unheard = sources.length > 0 ? [] : subjects.filter((each) => !isHeard(each, config.subjects))
  return [
    ...(config.retention === retention ? [] : [`retention is ${config.retention}: make it ${retention}`]),
    ...(config.discard === DiscardPolicy.New ? [] : ['it discards old messages: let it discard new ones']),
    ...(maxAge > 0 ? ['it lets messages expire (max_age): let it keep them'] : []),
    ...(perSubject > 0 ? ['it keeps so many messages a subject only: let it keep all'] : []),
    ...(config.storage === StorageType.File ? [] : ['it is in memory: let it be in files']),
    ...(config.no_ack ? ['it acknowledges nothing (no_ack): let it acknowledge'] : []),
    ...(config.sealed ? ['it is sealed: delete it once it is empty'] : []),
    ...(unheard.length > 0 ? [`it does not hear ${unheard.join(' and ')}: give it that subject`] : []),
  ]
}
