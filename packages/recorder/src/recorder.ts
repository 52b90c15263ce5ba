/// <reference lib="esnext.disposable" preserve="true" />
import {
  createUuidV7Generator,
  type EventInput,
  largestRowSize,
  type PreparedRow,
  prepareRow,
  type PrepareEnvironment,
  TrailError,
} from '@steptrail/event'
import { Accounts, type FlushResult, type RecorderCounts } from './accounts.ts'
import { Carrier } from './carrier.ts'
import { DropLog } from './drop-log.ts'
import { errorText } from './error-text.ts'
import { dropReasons, type DropReason, type Fate, PendingEvent } from './fate.ts'
import { FlushTimes, type Metric, metricsOf } from './metrics.ts'
import {
  beginOperation,
  type OpenOperation,
  type Operation,
  type OperationOptions,
  performOperation,
} from './operation.ts'
import type { RecorderOptions } from './recorder-options.ts'
import { Room } from './room.ts'
import { checkDeadline, type Settings, settingsOf } from './settings.ts'

/** How a recorder is closed. */
export interface CloseRecorderOptions {
  /** How long the sink has to take what is left, in milliseconds, at most 2,147,483,647. Default 5,000. */
  readonly deadlineMs?: number | undefined
}

/** How a recorder is flushed. */
export interface FlushOptions {
  /**
   * How long to wait, in milliseconds, at most 2,147,483,647. What is in memory then is told as `pending`; the recorder
   * goes on with it. Default 30,000.
   */
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
 * As long as it has events that the sink has not taken, in memory or in the spool, it goes on trying, which keeps the
 * process alive; `close` ends that.
 *
 * Every event given uses up a number (`recorder_seq`, beside the instance's `recorder_id`), also one that is
 * dropped: what is missing shows on record.
 */
export class Recorder implements AsyncDisposable {
  /** The `recorder_id` of this instance. */
  readonly id: string
  readonly #settings: Settings
  readonly #accounts = new Accounts()
  readonly #flushTimes = new FlushTimes()
  readonly #dropLog: DropLog
  readonly #carrier: Carrier
  readonly #environment: PrepareEnvironment
  readonly #room: Room
  /** Events of `recordDurably` that wait for room with the policy `block`, in order. */
  readonly #blocked: PendingEvent[] = []
  /** What the carrier has of those emitted. */
  readonly #carried = { events: 0, bytes: 0 }
  #isFull = false
  #flushing = 0
  #state: RecorderState = 'running'
  #closing: Promise<FlushResult> | undefined

  constructor(options: RecorderOptions) {
    const settings = settingsOf(options)
    const { clock, catalogue, redaction, nextId, activeSpan } = settings
    this.#settings = settings
    this.#dropLog = new DropLog(settings.logger, settings.timers)
    this.#room = new Room({
      freePlaces: () => this.#freePlaces(),
      timers: settings.timers,
      lapsed: () => this.#makeRoom(),
    })
    this.id = createUuidV7Generator()(clock.now())
    this.#environment = { clock, catalogue, redaction, nextId, ...(activeSpan && { activeSpan }) }
    this.#carrier = new Carrier(settings, {
      settled: (event, fate) => this.#settle(event, fate),
      replayed: (outcome) => this.#accounts.replay('reason' in outcome ? 'buried' : 'written'),
      written: (durationMs) => this.#flushTimes.add(durationMs, clock.now()),
      excess: () => this.#carried.events - settings.queueEvents,
    })
  }

  /** What it is doing. */
  get state(): RecorderState {
    return this.#state
  }

  /**
   * Why events wait: the sink has not taken them, or the spool does not, so that they are only in memory. Null when
   * everything works.
   */
  get trouble(): unknown {
    return this.#carrier.trouble
  }

  /** Records an event, and returns at once. Never throws: an event that cannot be recorded is counted and logged. */
  record(event: EventInput): void {
    this.#emit(event, undefined)
  }

  /**
   * Records an event; resolves when it will survive a crash: in the sink, or in the spool.
   *
   * @throws TrailError `event_dropped`, with the reason in `details.reason`, when it will not; `recorder_closed` from
   *   the call of `close` on
   */
  async recordDurably(event: EventInput): Promise<'written' | 'spooled'> {
    const fate = await new Promise<Fate>((resolve) => this.#emit(event, resolve))
    if (fate.outcome !== 'dropped') return fate.outcome
    const { reason, cause } = fate
    const because = cause === undefined || cause === null ? dropReasons[reason] : errorText(cause)
    throw new TrailError(
      reason === 'closed' ? 'recorder_closed' : 'event_dropped',
      `the event is not on record, and will not be (${reason}): ${because}`,
      { details: { reason }, cause },
    )
  }

  /**
   * Times `work` and records how it ended, as an OPERATION: `SUCCESS` when it returns, `WARNING` when it returns after
   * `warn`, `FAILED` with the error in `details.error` when it throws, which is thrown on. Without `work`, an
   * operation for `await using`, which has failed unless `succeed` was called.
   */
  operation(options: OperationOptions): OpenOperation
  operation<T>(options: OperationOptions, work: (operation: Operation) => T | Promise<T>): Promise<T>
  operation<T>(
    options: OperationOptions,
    work?: (operation: Operation) => T | Promise<T>,
  ): OpenOperation | Promise<T> {
    const operation = beginOperation(options, {
      timers: this.#settings.timers,
      record: async (eventOf) => {
        if (this.#settings.overflow === 'block') await this.room()
        this.#emitMade(eventOf)
      },
    })
    return work ? performOperation(operation, work) : operation
  }

  /**
   * Resolves when the queue has a place for an event of the caller's, in the order of the calls, or when it takes none
   * any more. With the policy `block`, await it before each `record`, and record at once: then no event is lost for
   * want of a place, however many do so.
   */
  room(): Promise<void> {
    return this.#state === 'running' ? this.#room.place() : Promise.resolve()
  }

  /**
   * Sends off what is in memory; resolves with what became of everything emitted before the call, at the deadline at
   * the latest. Gives nothing up.
   *
   * @throws TrailError `invalid_configuration` for a deadline that is none
   */
  async flush({ deadlineMs = 30_000 }: FlushOptions = {}): Promise<FlushResult> {
    checkDeadline(deadlineMs)
    const deadline = new AbortController()
    const cancel = this.#settings.timers.after(deadlineMs, () => deadline.abort())
    const flushed = this.#accounts.flushed(deadline.signal)
    this.#flushing += 1
    this.#carrier.push()
    const result = await flushed
    this.#flushing -= 1
    cancel()
    return result
  }

  /** Resolves when nothing is under way: whatever is left waits for time to pass, or there is nothing. For tests. */
  idle(): Promise<void> {
    return this.#carrier.activity.idle()
  }

  /** What has been emitted, and what became of it. */
  counts(): RecorderCounts {
    return this.#accounts.counts()
  }

  /** The metrics of the recorder, as plain data. */
  metrics(): readonly Metric[] {
    return [...metricsOf(this.counts(), this.#settings.spool?.bytes ?? 0), ...this.#flushTimes.metrics()]
  }

  /**
   * Takes no more events, writes what is left within the deadline, puts the rest into the spool, and closes that.
   * Resolves with what became of everything that was ever emitted. A second call gives what the first one gave.
   *
   * @throws TrailError `invalid_configuration` for a deadline that is none; then it goes on as it was
   */
  async close({ deadlineMs = 5000 }: CloseRecorderOptions = {}): Promise<FlushResult> {
    checkDeadline(deadlineMs)
    this.#closing ??= this.#close(deadlineMs)
    return await this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(deadlineMs: number): Promise<FlushResult> {
    const { logger } = this.#settings
    this.#state = 'draining'
    this.#makeRoom()
    this.#room.close()
    const flushed = this.#accounts.flushed()
    const left = await this.#carrier.end(deadlineMs)
    if (left.length > 0) logger.error(dropReasons.not_delivered, { events: left.length })
    for (const event of left) this.#settle(event, { outcome: 'dropped', reason: 'not_delivered' })
    const result = await flushed
    await this.#closeSpool()
    this.#dropLog.end()
    this.#state = 'closed'
    return result
  }

  /** What is in the spool is there, however it is closed. */
  async #closeSpool(): Promise<void> {
    const { logger, spool } = this.#settings
    try {
      await spool?.close()
    } catch (error) {
      logger.error('the spool could not be closed in order; what is in it is kept, and replayed later', {
        error,
      })
    }
  }

  /** An event that cannot even be made is emitted, too. */
  #emitMade(eventOf: () => EventInput): void {
    let event: EventInput
    try {
      event = eventOf()
    } catch (error) {
      const seq = this.#accounts.emit()
      this.#room.taken()
      return this.#drop(this.#reasonToTakeNone ?? 'invalid', { seq, tell: undefined, cause: error })
    }
    this.#emit(event, undefined)
  }

  get #reasonToTakeNone(): 'closed' | 'disabled' | undefined {
    if (this.#state !== 'running') return 'closed'
    return this.#settings.isEnabled ? undefined : 'disabled'
  }

  #emit(input: unknown, tell: ((fate: Fate) => void) | undefined): void {
    const seq = this.#accounts.emit()
    if (!tell) this.#room.taken()
    const reason = this.#reasonToTakeNone
    if (reason) return this.#drop(reason, { seq, tell })
    let row: PreparedRow
    try {
      row = prepareRow(input, this.#environment, {
        recorder: { id: this.id, seq },
        serviceName: this.#settings.serviceName,
      })
    } catch (error) {
      return this.#drop('invalid', { seq, tell, cause: error })
    }
    this.#take(new PendingEvent(row, seq, tell))
  }

  #take(event: PendingEvent): void {
    const { queueBytes, overflow } = this.#settings
    const mayWait = overflow === 'block' && event.tell !== undefined
    if (mayWait ? this.#blocked.length === 0 && this.#hasRoomUnpromised(event) : this.#hasRoom(event))
      return this.#carry(event)
    this.#fill()
    if (overflow === 'spool' && event.size <= this.#freeBytes && this.#carrier.overflow()) this.#carry(event)
    else if (mayWait && event.size <= queueBytes) this.#blocked.push(event)
    else this.#drop('queue_full', event)
  }

  #carry(event: PendingEvent): void {
    this.#carried.events += 1
    this.#carried.bytes += event.size
    this.#carrier.accept(event)
  }

  get #freeBytes(): number {
    return this.#settings.queueBytes - this.#carried.bytes
  }

  /** Whether an event may go that has asked for a place, or waits for none. */
  #hasRoom(event: PendingEvent): boolean {
    if (event.size > this.#freeBytes) return false
    return this.#carrier.isSpooling || this.#carried.events < this.#settings.queueEvents
  }

  /** Whether an event may go that can as well wait: what is promised to others is not its. */
  #hasRoomUnpromised(event: PendingEvent): boolean {
    if (this.#room.promised === 0) return this.#hasRoom(event)
    return this.#room.promised < this.#freePlaces()
  }

  /** How many events of any size the queue takes. Where it is empty, it takes one: what is larger never has a place. */
  #freePlaces(): number {
    const { events } = this.#carried
    const places = Math.min(this.#settings.queueEvents - events, Math.floor(this.#freeBytes / largestRowSize))
    return events === 0 ? Math.max(1, places) : places
  }

  /** Says once an episode that the queue is full: an episode ends when it is half empty. */
  #fill(): void {
    if (this.#isFull) return
    this.#isFull = true
    const { overflow, logger } = this.#settings
    logger.warn('the queue of the recorder is full', { overflow, ...this.#carried })
  }

  #settle(event: PendingEvent, fate: Fate): void {
    this.#carried.events -= 1
    this.#carried.bytes -= event.size
    this.#accounts.settle(event.seq, fate)
    event.tell?.(fate)
    if (this.#isFull || this.#blocked.length > 0) this.#makeRoom()
    this.#room.share()
  }

  /** Lets events go that wait for room, in order, as far as there is any; all of them when it is closed. */
  #makeRoom(): void {
    const { queueEvents, queueBytes } = this.#settings
    for (let next = this.#blocked[0]; next && (this.#state !== 'running' || this.#hasRoomUnpromised(next));) {
      this.#blocked.shift()
      this.#carry(next)
      if (this.#flushing > 0) this.#carrier.push()
      next = this.#blocked[0]
    }
    const { events, bytes } = this.#carried
    const isHalfEmpty = events <= queueEvents / 2 && bytes <= queueBytes / 2
    this.#isFull = this.#isFull && !(isHalfEmpty && this.#blocked.length === 0)
  }

  #drop(
    reason: DropReason,
    { seq, tell, cause }: Pick<PendingEvent, 'seq' | 'tell'> & { readonly cause?: unknown },
  ): void {
    const fate = { outcome: 'dropped', reason, cause } as const
    this.#accounts.settle(seq, fate)
    if (reason !== 'queue_full' && reason !== 'disabled') this.#dropLog.dropped(reason, cause)
    tell?.(fate)
  }
}

/** A recorder that writes to the sink given; see `RecorderOptions`. */
export const createRecorder = (options: RecorderOptions): Recorder => new Recorder(options)
