import { TrailError } from '@steptrail/event'

/** The names under which one stream of events is known to NATS. */
export interface StreamPlaces {
  /** The stream that holds events until they are in the database. */
  readonly stream: string
  /** Where applications publish. Who may publish here is for the permissions of NATS to say. */
  readonly events: string
  /** Where engines publish, whose events are of executions and steps as well. */
  readonly engine: string
  /** The durable consumer that all ingesters share. */
  readonly consumer: string
  /** The stream that keeps what can never be on record, and its subject. */
  readonly deadStream: string
  readonly dead: string
}

/** What the stream is called unless it is said. */
export const defaultStream = 'steptrail'

/** The names that follow from that of the stream. Throws `invalid_configuration` for what NATS takes for no name. */
export function placesOf(stream: string = defaultStream): StreamPlaces {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(stream))
    throw new TrailError(
      'invalid_configuration',
      `the stream is called ${JSON.stringify(stream)}: give 1 to 64 letters, digits, - or _`,
      { details: { option: 'stream', value: stream } },
    )
  return {
    stream,
    events: `${stream}.events`,
    engine: `${stream}.engine`,
    consumer: 'ingesters',
    deadStream: `${stream}-dead`,
    dead: `${stream}.dead`,
  }
}
