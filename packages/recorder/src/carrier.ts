import { Outage, TrailError } from '@steptrail/event'
import { Activity } from './activity.ts'
import { Backlog, type BatchLimits, limitsAt } from './backlog.ts'
import { Backoff } from './backoff.ts'
import { type Delivery, deliver } from './deliver.ts'
import type { Fate, PendingEvent } from './fate.ts'
import type { OutgoingEvent } from './outgoing-event.ts'
import { Replay, type ReplayBatch } from './replay.ts'
import { longestMs, type Settings } from './settings.ts'
import type { SinkOutcome } from './sink.ts'
import { SpoolLane } from './spool-lane.ts'

/** What a carrier tells. */
export interface CarrierEvents {
  /** The fate of an event it was given. */
  readonly settled: (event: PendingEvent, fate: Fate) => void
  /** What became of an event that came out of the spool. */
  readonly replayed: (outcome: SinkOutcome) => void
  /** A write that the sink answered, and how long it took. */
  readonly written: (durationMs: number) => void
  /** How many events there are in memory beyond what may be. */
  readonly excess: () => number
}

/**
 * Carries events to the sink, and to the spool while the sink is away.
 *
 * `direct`: batches go to the sink, several at a time; those that could not be written wait in front. `spooling`: new
 * events go to the spool, and come from there to the sink in order, until the spool is empty. Each step is taken by
 * `#pump`, which runs whenever something has changed and never waits.
 */
export class Carrier {
  readonly activity = new Activity()
  readonly #settings: Settings
  readonly #events: CarrierEvents
  readonly #limits: BatchLimits
  readonly #backlog: Backlog
  readonly #backoff: Backoff
  readonly #outage: Outage
  readonly #lane: SpoolLane | undefined
  readonly #replay: Replay | undefined
  readonly #abandoned = new AbortController()
  #mode: 'direct' | 'spooling'
  #inFlight = 0
  /** How many of these come out of the spool. */
  #replaysInFlight = 0
  #isPumping = false
  #cancelAge: (() => void) | undefined
  #ageMs = 0
  #isEnding = false
  #quiet: (() => void) | undefined

  constructor(settings: Settings, events: CarrierEvents) {
    const { batchEvents, batchBytes, retryMinMs, retryMaxMs, random, timers, spool } = settings
    const resume = (): void => this.#schedule()
    this.#settings = settings
    this.#events = events
    this.#mode = settings.spoolFirst ? 'spooling' : 'direct'
    this.#limits = limitsAt(settings.sink, { events: batchEvents, bytes: batchBytes })
    this.#backlog = new Backlog({ ...this.#limits, ...(!settings.isQueued && { events: 1 }) })
    this.#backoff = new Backoff({ minMs: retryMinMs, maxMs: retryMaxMs, random, timers, resume })
    this.#outage = new Outage(() => timers.elapsedMs())
    if (!spool) return
    const { activity } = this
    this.#replay = new Replay({ spool, settings, activity, changed: resume })
    this.#lane = new SpoolLane({
      spool,
      settings,
      activity,
      spooled: this.#onSpooled,
      refused: this.#onSpoolRefused,
      resume,
    })
    spool.onAdopted?.(() => {
      this.#replay?.more()
      resume()
    })
    this.#schedule()
  }

  /** Whether new events go through the spool. */
  get isSpooling(): boolean {
    return this.#mode === 'spooling'
  }

  /** What does not work: the spool, as far as it is needed, before the sink; null when everything does. */
  get trouble(): unknown {
    const needsSpool = this.#outage.cause !== null || this.#settings.spoolFirst
    const ofSpool = this.#replay?.trouble ?? (needsSpool ? this.#lane?.trouble : null)
    return ofSpool ?? this.#outage.cause
  }

  /** Takes an event; returns at once. */
  accept(event: PendingEvent): void {
    if (this.#mode === 'spooling' && this.#lane) return this.#lane.add(event)
    this.#backlog.add(event)
    if (this.#backlog.isReady) this.#schedule()
    if (this.#backlog.isFilling) this.#ripenAfter(event.tell ? 0 : this.#settings.batchAgeMs)
  }

  /** From now on new events go to the spool, until it is empty. Returns whether there is a spool that takes any. */
  overflow(): boolean {
    if (!this.#lane?.isUsable) return false
    this.#mode = 'spooling'
    return true
  }

  /** Sends off what has begun to gather. */
  push(): void {
    this.#backlog.seal()
    this.#schedule()
  }

  /**
   * Carries on until nothing is left to be done, or until the sink fails and the rest is in the spool, but not longer
   * than `deadlineMs`; then puts what is left into the spool. Returns what has found no place.
   */
  async end(deadlineMs: number): Promise<readonly PendingEvent[]> {
    this.#isEnding = true
    const quiet = new Promise<void>((resolve) => {
      this.#quiet = resolve
    })
    const cancel = this.#settings.timers.after(deadlineMs, () => this.#quiet?.())
    this.push()
    await quiet
    cancel()
    this.#abandoned.abort()
    await this.activity.idle()
    this.#backoff.stop()
    this.#cancelAge?.()
    // Also where it took nothing lately: this is the last time that it is asked.
    this.#lane?.addOlder(this.#backlog.takeAll())
    await this.activity.idle()
    this.#lane?.stop()
    this.#replay?.stop()
    return this.#backlog.takeAll()
  }

  #schedule(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    this.activity.run(async () => {
      await Promise.resolve()
      this.#isPumping = false
      this.#pump()
    })
  }

  #pump(): void {
    this.#considerSpooling()
    while (!this.#backoff.isWaiting && !this.#abandoned.signal.aborted) {
      if (this.#inFlight >= this.#settings.writesInFlight) break
      const batch = this.#backlog.take()
      const replayed = batch ? undefined : this.#takeReplayed()
      if (batch) this.#carry(batch)
      else if (replayed) this.#carryAgain(replayed)
      else break
    }
    this.#considerDirect()
    if (this.#isEnding && this.#isQuiet()) this.#quiet?.()
  }

  /** Without a queue there is no bound to the writes at a time, but there is to what is read from the spool. */
  #takeReplayed(): ReplayBatch | undefined {
    return this.#replaysInFlight < this.#settings.replaysInFlight ? this.#replay?.take() : undefined
  }

  /** The sink has failed often enough: what is in memory goes to the spool. */
  #considerSpooling(): void {
    const { failuresBeforeSpool } = this.#settings
    const { failures } = this.#backoff
    if (failures === 0 || (failures < failuresBeforeSpool && !this.#isEnding)) return
    if (!this.#lane?.isUsable) return
    this.#mode = 'spooling'
    this.#lane.addOlder(this.#backlog.takeAll())
  }

  /** The spool is empty and the sink has everything: no need for the way round. */
  #considerDirect(): void {
    if (this.#mode === 'direct' || this.#settings.spoolFirst) return
    if (this.#lane?.isEmpty && this.#replay?.isDone) this.#mode = 'direct'
  }

  #isQuiet(): boolean {
    if (this.#backlog.isReady || this.#backlog.isFilling || this.#lane?.isEmpty === false) return false
    if (this.#inFlight > 0) return false
    return this.#replay === undefined || this.#replay.isDone || this.#backoff.failures > 0
  }

  #ripenAfter(delayMs: number): void {
    if (this.#cancelAge && delayMs >= this.#ageMs) return
    this.#cancelAge?.()
    this.#ageMs = delayMs
    this.#cancelAge = this.#settings.timers.after(delayMs, () => {
      this.#cancelAge = undefined
      this.push()
    })
  }

  #carry(batch: readonly PendingEvent[]): void {
    this.#send(async () => {
      const settle = (event: PendingEvent, outcome: SinkOutcome): void => {
        this.#bury(event, outcome)
        this.#events.settled(event, fateOf(outcome))
      }
      const { left, cause } = await deliver(batch, this.#delivery(settle))
      this.#backlog.putBack(left)
      return { events: left.length, cause }
    })
  }

  #carryAgain(batch: ReplayBatch): void {
    this.#replaysInFlight += 1
    this.#send(async () => {
      const burials: Promise<void>[] = []
      const settle = (event: OutgoingEvent, outcome: SinkOutcome): void => {
        burials.push(this.#buried(event, outcome))
        this.#events.replayed(outcome)
      }
      const { left, cause } = await deliver(batch.left, this.#delivery(settle))
      await Promise.all(burials)
      batch.left = left
      if (left.length > 0) this.#replay?.putBack(batch)
      else await this.#replay?.settle(batch)
      this.#replaysInFlight -= 1
      return { events: left.length, cause }
    })
  }

  #send(write: () => Promise<{ readonly events: number; readonly cause: unknown }>): void {
    this.#inFlight += 1
    this.activity.run(async () => {
      const { events, cause } = await write()
      this.#inFlight -= 1
      if (events > 0 && !this.#abandoned.signal.aborted) this.#failed(events, cause)
      this.#schedule()
    })
  }

  #failed(events: number, error: unknown): void {
    if (this.#outage.isNews(error))
      this.#settings.logger.warn('events could not be written; they will be tried again', { events, error })
    this.#backoff.failed(askedToWaitMs(error))
  }

  #delivery<Event extends OutgoingEvent>(settle: Delivery<Event>['settle']): Delivery<Event> {
    const { sink, timers, writeTimeoutMs } = this.#settings
    const written = (durationMs: number): void => {
      this.#backoff.succeeded()
      this.#outage.over()
      this.#events.written(durationMs)
    }
    const signal = this.#abandoned.signal
    return { sink, limits: this.#limits, timers, signal, timeoutMs: writeTimeoutMs, settle, written }
  }

  #bury(event: OutgoingEvent, outcome: SinkOutcome): void {
    if ('reason' in outcome) this.activity.run(() => this.#buried(event, outcome))
  }

  async #buried(event: OutgoingEvent, outcome: SinkOutcome): Promise<void> {
    if (!('reason' in outcome)) return
    const { logger, spool } = this.#settings
    const { id } = event
    logger.error(`an event was refused for good: ${outcome.reason}`, { id, outcome: outcome.outcome })
    try {
      await spool?.bury(event, outcome.reason)
    } catch (error) {
      logger.error('the spool did not keep an event that was refused for good', {
        id,
        json: event.json,
        error,
      })
    }
  }

  readonly #onSpooled = (events: readonly PendingEvent[]): void => {
    for (const event of events) this.#events.settled(event, { outcome: 'spooled' })
    this.#replay?.more()
  }

  /** What the spool was to take because the queue was full finds it full again. */
  readonly #onSpoolRefused = (events: readonly PendingEvent[]): void => {
    if (!this.#settings.spoolFirst) this.#mode = 'direct'
    this.#backlog.putBack(events)
    const tooMany = this.#backlog.takeNewest(this.#events.excess())
    for (const event of tooMany) this.#events.settled(event, { outcome: 'dropped', reason: 'queue_full' })
  }
}

/** How long a sink that failed asks to be left alone. */
function askedToWaitMs(error: unknown): number {
  const waitMs = error instanceof TrailError ? error.details['retryAfterMs'] : undefined
  return typeof waitMs === 'number' && waitMs >= 0 ? Math.min(waitMs, longestMs) : 0
}

function fateOf(outcome: SinkOutcome): Fate {
  if (outcome.outcome === 'conflict' || outcome.outcome === 'rejected')
    return { outcome: 'dropped', reason: outcome.outcome, cause: outcome.reason }
  return { outcome: 'written' }
}
