import { createRecorder, type Recorder, type RecorderOptions } from '@steptrail/recorder'
import { type FakeTimers, fakeTimers } from './fake-timers.ts'
import { type ScriptedSink, scriptedSink } from './scripted-sink.ts'

/** What was logged: the messages, with what came with them. */
export type LoggedLine = readonly [message: string, details: Readonly<Record<string, unknown>>]

/** A recorder with a scripted sink, and with time that stands still. */
export interface Scene {
  readonly recorder: Recorder
  readonly sink: ScriptedSink
  readonly timers: FakeTimers
  readonly logged: LoggedLine[]
}

/** The recorder of a test. */
export function scene(options: Partial<RecorderOptions> & { readonly sink?: ScriptedSink } = {}): Scene {
  const timers = fakeTimers()
  const sink = options.sink ?? scriptedSink()
  const logged: LoggedLine[] = []
  const log = (message: string, details: Readonly<Record<string, unknown>>): void => {
    logged.push([message, details])
  }
  const recorder = createRecorder({
    clock: timers,
    timers,
    random: () => 0.5,
    logger: { warn: log, error: log },
    ...options,
    sink,
  })
  return { recorder, sink, timers, logged }
}

/** An operation that says as little as possible. */
export const operation = (action = 'config_update') => ({ eventType: 'OPERATION', action }) as const
