import {
  createUuidV7Generator,
  type EventInput,
  prepareRow,
  type RowJson,
  type PrepareEnvironment,
  TrailError,
} from '@steptrail/event'
import { Accounts, type FlushResult, type RecorderCounts } from './accounts.ts'
import { Carrier } from './carrier.ts'
import { dropReasons, type DropReason, type Fate } from './fate.ts'
import type { RecorderOptions } from './recorder-options.ts'
import { type Settings, settingsOf } from './settings.ts'

/** How a recorder is closed. */
export interface CloseRecorderOptions {
  /** How long the sink has to take what is left, in milliseconds. Default 5,000. */
  readonly deadlineMs?: number | undefined
}

/** What a recorder is doing. */
export type RecorderState = 'running' | 'draining' | 'closed'

/**
 * Records events in the background.
 *
 * `running → draining → closed`: running, it takes events; draining, from the call of `close`, it takes no more and
 * writes what it has, for as long as the deadline allows, and puts the rest into the spool; closed, everything
 * emitted is written, spooled or dropped, and counted as such.
 *
 * Every event given uses up a number (`recorder_seq`, beside the instance's `recorder_id`), also one that is
 * dropped: what is missing shows on record.
 */
export class Recorder implements AsyncDisposable {
  /** The `recorder_id` of this instance. */
  readonly id: string
  readonly #settings: Settings
  readonly #accounts = new Accounts()
  readonly #carrier: Carrier
  readonly #environment: PrepareEnvironment
  #state: RecorderState = 'running'
  #closing: Promise<FlushResult> | undefined

  constructor(options: RecorderOptions) {
    const settings = settingsOf(options)
    const { clock, catalogue, redaction, nextId, activeSpan } = settings
    this.#settings = settings
    this.id = createUuidV7Generator()(clock.now())
    this.#environment = { clock, catalogue, redaction, nextId, ...(activeSpan && { activeSpan }) }
    this.#carrier = new Carrier(settings, {
      settled: (event, fate) => this.#accounts.settle(event, fate),
      replayed: () => undefined,
      written: () => undefined,
    })
  }

  /** What it is doing. */
  get state(): RecorderState {
    return this.#state
  }

  /** Records an event, and returns at once. Never throws: an event that cannot be recorded is counted and logged. */
  record(event: EventInput): void {
    this.#emit(event, undefined)
  }

  /**
   * Records an event; resolves when it will survive a crash: in the sink, or in the spool.
   *
   * @throws TrailError `event_dropped`, with the reason in `details.reason`, when it will not
   */
  async recordDurably(event: EventInput): Promise<'written' | 'spooled'> {
    const fate = await new Promise<Fate>((resolve) => this.#emit(event, resolve))
    if (fate.outcome !== 'dropped') return fate.outcome
    const { reason, cause } = fate
    const because = cause instanceof Error ? cause.message : typeof cause === 'string' ? cause : ''
    throw new TrailError(
      'event_dropped',
      `the event is not on record, and will not be (${reason}): ${because || dropReasons[reason]}`,
      { details: { reason }, cause },
    )
  }

  /** Sends off what is in memory; resolves with what became of everything emitted before the call. */
  flush(): Promise<FlushResult> {
    const flushed = this.#accounts.flushed()
    this.#carrier.push()
    return flushed
  }

  /** Resolves when nothing is under way: whatever is left waits for time to pass, or there is nothing. For tests. */
  idle(): Promise<void> {
    return this.#carrier.activity.idle()
  }

  /** What has been emitted, and what became of it. */
  counts(): RecorderCounts {
    return this.#accounts.counts()
  }

  /**
   * Takes no more events, writes what is left within the deadline, puts the rest into the spool, and closes that.
   * Resolves with what became of everything that was ever emitted. A second call gives what the first one gave.
   */
  close(options: CloseRecorderOptions = {}): Promise<FlushResult> {
    this.#closing ??= this.#close(options)
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close({ deadlineMs = 5000 }: CloseRecorderOptions): Promise<FlushResult> {
    this.#state = 'draining'
    const flushed = this.#accounts.flushed()
    for (const event of await this.#carrier.end(deadlineMs))
      this.#accounts.settle(event, { outcome: 'dropped', reason: 'not_delivered' })
    const result = await flushed
    await this.#settings.spool?.close()
    this.#state = 'closed'
    return result
  }

  #emit(input: unknown, tell: ((fate: Fate) => void) | undefined): void {
    const seq = this.#accounts.emit()
    if (this.#state !== 'running') return this.#drop('closed', { tell })
    if (!this.#settings.isEnabled) return this.#drop('disabled', { tell })
    let row: RowJson
    try {
      row = prepareRow(input, this.#environment, {
        recorderId: this.id,
        recorderSeq: seq,
        serviceName: this.#settings.serviceName,
      })
    } catch (error) {
      return this.#drop('invalid', { tell, cause: error })
    }
    const { id, timestampMs, json } = row
    if (!this.#hasRoom(json.length)) return this.#drop('queue_full', { tell })
    this.#accounts.hold(json.length)
    this.#carrier.accept({ id, timestampMs, json, seq, tell })
  }

  #hasRoom(bytes: number): boolean {
    const { queueEvents, queueBytes, overflow } = this.#settings
    if (this.#accounts.pendingBytes + bytes > queueBytes) return false
    if (this.#accounts.pending < queueEvents || this.#carrier.isSpooling) return true
    return overflow === 'spool' && this.#carrier.overflow()
  }

  #drop(
    reason: DropReason,
    { tell, cause }: { readonly tell: ((fate: Fate) => void) | undefined; readonly cause?: unknown },
  ): void {
    this.#accounts.drop(reason)
    tell?.({ outcome: 'dropped', reason, cause })
  }
}

/** A recorder that writes to the sink given; see `RecorderOptions`. */
export const createRecorder = (options: RecorderOptions): Recorder => new Recorder(options)
