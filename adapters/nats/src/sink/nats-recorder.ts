import { createRecorder, type Recorder, type RecorderSettings, type Spool } from '@steptrail/recorder'
import { defaultSpoolDirectory, spoolOnDemand } from '@steptrail/recorder/node'
import { addressOf } from '../stream/nats-options.ts'
import { placesOf } from '../stream/stream-places.ts'
import { createNatsSink, type NatsSinkOptions } from './nats-sink.ts'

/** How to record by way of JetStream. */
export interface NatsRecorderOptions extends NatsSinkOptions {
  /** How the recorder behaves; all of it has a default. */
  readonly recorder?: Omit<RecorderSettings, 'spool'> | undefined
  /**
   * Where events survive while no node answers. Default: on disk, in `spoolDirectory`, as soon as there is something to
   * keep. `false`: nowhere, they stay in memory. The recorder closes one that it is given.
   */
  readonly spool?: Spool | false | undefined
  /** The directory of the spool; what is in it for other nodes or another stream is left alone. Default: `./.steptrail/spool`. */
  readonly spoolDirectory?: string | undefined
}

/** A recorder, and the connection that ends with it. */
export interface NatsRecorder extends AsyncDisposable {
  /** Records as every recorder does. */
  readonly recorder: Recorder
  /** Closes the recorder (see `Recorder.close`), then the connection. */
  close(options?: Parameters<Recorder['close']>[0]): Promise<void>
}

/** Records to a stream, from where ingesters take events into the database; see `createNatsSink` for what it throws. */
export function createNatsRecorder(options: NatsRecorderOptions): NatsRecorder {
  const sink = createNatsSink(options)
  const { spool: given } = options
  const spool = given === undefined ? ownSpool(options) : given === false ? undefined : given
  const recorder = createRecorder({ ...options.recorder, sink, spool })
  const close: NatsRecorder['close'] = async (closing) => {
    await recorder.close(closing)
    await sink[Symbol.asyncDispose]()
  }
  return { recorder, close, [Symbol.asyncDispose]: () => close() }
}

/** What waits for one cluster never goes to another, though processes of both be started in the same directory. */
function ownSpool(options: NatsRecorderOptions): Spool {
  const { spoolDirectory: directory = defaultSpoolDirectory, recorder: { logger } = {} } = options
  const { stream } = placesOf(options.stream)
  const destination = `nats://${addressOf(options).hosts.toSorted().join(',')}/${stream}`
  return spoolOnDemand({ directory, destination, ...(logger && { logger }) })
}
