/// <reference lib="esnext.disposable" preserve="true" />
import { carefulLogger, TrailError, uuidV7 } from '@steptrail/event'
import type { z } from 'zod'
import type { Adjustment } from './adjustment.ts'
import type { Attempt } from './attempt.ts'
import { Attempts } from './attempts.ts'
import { Claimer } from './claimer.ts'
import type { Dispatch, HeldAttempt, ReleasedAttempt, Result } from './dispatch.ts'
import type { Handlers } from './handlers.ts'
import { Implementations, type UntypedHandler } from './implementations.ts'
import { Lease } from './lease.ts'
import { Outbox } from './outbox.ts'
import { pause, within } from './pause.ts'
import { perform } from './perform.ts'
import { processIdentity } from './process-identity.ts'
import {
  checkWhole,
  type CompleteWorkerOptions,
  completeWorkerOptions,
  type WorkerOptions,
} from './worker-options.ts'
import type { StepSpecs, Workflow } from './workflow.ts'

/** `created → running → draining → closed`; one that was never started goes from `created` to `closed`. */
export type WorkerState = 'created' | 'running' | 'draining' | 'closed'

/** How a worker closes. */
export interface CloseOptions {
  /** How long handlers may still run before they are aborted and given back. Default 10,000. */
  readonly graceMs?: number
}

/** What closing left behind. */
export interface CloseSummary {
  /** Attempts given back undone: others may claim them at once. */
  readonly released: number
  /** Attempts whose result, or release, the storage did not take. The runtime will find their worker lost. */
  readonly unreported: number
}

/** A service that is one text, not any text: its steps could not be told from those of others. */
type Literal<Service extends string> = string extends Service ? { readonly service: never } : unknown

/** A worker for one service, which is to be written as a literal. Throws `invalid_configuration` for a bad option. */
export function createWorker<const Service extends string>(
  dispatch: Dispatch,
  options: WorkerOptions<Service> & Literal<Service>,
): Worker<Service> {
  return new Worker(dispatch, options)
}

/**
 * Performs the steps of one service: claims what is due, runs the handlers, reports what came of them, and
 * keeps its lease meanwhile. Storage that fails is tried again, longer and longer apart, for as long as the
 * worker runs.
 */
export class Worker<Service extends string> {
  /** Made for this worker's lifetime, and stored with every attempt it makes. */
  readonly workerUuid: string = uuidV7(Date.now())
  readonly #dispatch: Dispatch
  readonly #options: CompleteWorkerOptions
  readonly #implementations: Implementations
  readonly #attempts: Attempts
  readonly #outbox: Outbox
  readonly #claimer: Claimer
  readonly #lease: Lease
  /** Aborts when closing may take no longer. */
  readonly #gaveUp = new AbortController()
  #state: WorkerState = 'created'
  #starting: Promise<void> | undefined
  #isRegistered = false
  #claiming: Promise<void> = Promise.resolve()
  #reporting: Promise<void> = Promise.resolve()
  #closing: Promise<CloseSummary> | undefined
  #released = 0
  #unreleased = 0

  constructor(dispatch: Dispatch, options: WorkerOptions<Service>) {
    const given = completeWorkerOptions(options)
    const complete = { ...given, logger: given.logger && carefulLogger(given.logger) }
    const { service, leaseMs, pollMinMs, pollMaxMs, logger } = complete
    const { workerUuid } = this
    this.#dispatch = dispatch
    this.#options = complete
    this.#implementations = new Implementations(service)
    this.#attempts = new Attempts({
      run: (attempt) => this.#run(attempt),
      settled: (result) => this.#outbox.add(result),
      endsSoon: () => this.#lease.ask(),
      left: () => this.#claimer.makeRoom(),
    })
    this.#outbox = new Outbox({
      dispatch,
      retryMinMs: pollMinMs,
      retryMaxMs: pollMaxMs,
      room: () => (this.#state === 'running' ? this.#options.concurrency - this.#busy : 0),
      take: (claims) => this.#claimer.take(claims),
      decided: () => this.#claimer.lookAgain(),
      placesFreed: () => this.#claimer.makeRoom(),
      logger,
    })
    this.#claimer = new Claimer({
      dispatch,
      workerUuid,
      service,
      pollMinMs,
      pollMaxMs,
      room: () => this.#room(),
      begin: (claim) => this.#attempts.begin(claim),
      giveBack: (claims) => this.#giveBack(claims, { hasBegun: false }),
      logger,
    })
    this.#lease = new Lease({
      register: () => this.#register(),
      dispatch,
      workerUuid,
      leaseMs,
      held: () => [...this.#attempts.held, ...this.#outbox.held],
      lose: (lost) => this.#attempts.lose(lost),
      allow: (held, sinceMs) => this.#attempts.allow(held, sinceMs),
      logger,
    })
  }

  get state(): WorkerState {
    return this.#state
  }

  /**
   * Takes a handler for each of the workflow's steps that belong to this service. Call it once for each workflow,
   * before `start`. Throws `invalid_configuration` after that, and for handlers that are not exactly those
   * the definition asks for; `worker_closed` when the worker is closed.
   */
  implement<Name extends string, Input extends z.ZodType, Steps extends StepSpecs>(
    workflow: Workflow<Name, Input, Steps>,
    handlers: Handlers<Input, Steps, Service>,
  ): this {
    this.#refuseWhenClosed()
    if (this.#starting)
      throw new TrailError(
        'invalid_configuration',
        `worker ${this.#options.service} has been started: implement ${workflow.name} before start`,
      )
    // The parameters' types bind handlers to workflow; contexts are made with the same workflow's schemas.
    this.#implementations.add(workflow, handlers as unknown as Readonly<Record<string, UntypedHandler>>)
    return this
  }

  /**
   * Registers the worker and begins to work. Throws what registering throws (`definition_conflict`, a storage that
   * cannot be reached), after which it may be called again; `invalid_configuration` when nothing is
   * implemented; `worker_closed` when the worker is or was being closed.
   */
  async start(): Promise<void> {
    this.#refuseWhenClosed()
    this.#starting ??= this.#start()
    await this.#starting
  }

  /**
   * Takes no more work, lets handlers run for `graceMs`, reports, gives back what still runs, and unregisters. Takes
   * at most `graceMs + leaseMs`: after that the runtime counts the worker as lost anyway. A second call
   * waits for the first.
   */
  async close({ graceMs = 10_000 }: CloseOptions = {}): Promise<CloseSummary> {
    checkWhole('graceMs', graceMs, { from: 0, to: 3_600_000 })
    this.#closing ??= this.#close(graceMs)
    return this.#closing
  }

  /** Closes with the default grace. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #start(): Promise<void> {
    const sinceMs = performance.now()
    try {
      await this.#register()
    } catch (error) {
      this.#starting = undefined
      throw error
    }
    this.#refuseWhenClosed()
    this.#state = 'running'
    this.#claiming = this.#claimer.run()
    this.#reporting = this.#outbox.run()
    void this.#lease.run(sinceMs)
  }

  async #register(): Promise<void> {
    const { service, leaseMs, version } = this.#options
    const { list, definitions } = this.#implementations
    if (list.length === 0)
      throw new TrailError(
        'invalid_configuration',
        `worker ${service} implements nothing: call implement first`,
      )
    const { host, pid } = processIdentity()
    const { workerUuid } = this
    await this.#dispatch.register({
      workerUuid,
      service,
      implements: list,
      definitions,
      leaseMs,
      host,
      pid,
      version,
    })
    this.#isRegistered = true
  }

  /** Places that are taken, or are about to be by what is being claimed. */
  get #busy(): number {
    return this.#attempts.size + this.#claimer.asking
  }

  /**
   * Handlers that may begin now. A result keeps its place until it was reported, since the report may bring the
   * next step; a storage that takes no results must not let them pile up without end.
   */
  #room(): number {
    const { concurrency } = this.#options
    const { size } = this.#attempts
    const { fresh, size: unreported } = this.#outbox
    return Math.min(concurrency - size - fresh, 2 * concurrency - size - unreported)
  }

  async #run(running: Attempt): Promise<Result> {
    const { claim, signal } = running
    const { stepId, executionId, attempt, attemptToken } = claim
    const { recordStack } = this.#options
    const sinceMs = performance.now()
    const performed = await perform(claim, this.#implementations.find(claim), {
      signal,
      recordStack,
      adjust: (adjustment) => this.#adjust(running, adjustment),
    })
    const executionTimeMs = Math.round(performance.now() - sinceMs)
    const { workerUuid } = this
    return { stepId, executionId, attempt, attemptToken, workerUuid, executionTimeMs, ...performed }
  }

  async #adjust(running: Attempt, adjustment: Adjustment): Promise<void> {
    const { stepId, executionId, attemptToken, stepName } = running.claim
    const { workerUuid } = this
    await this.#dispatch.adjust({ stepId, executionId, attemptToken, workerUuid, adjustment })
    const isOwn = adjustment.type === 'timeout' && (adjustment.step ?? stepName) === stepName
    if (isOwn) running.allow(adjustment.timeoutMs)
  }

  async #close(graceMs: number): Promise<CloseSummary> {
    const wasStarted = this.#starting !== undefined
    this.#state = 'draining'
    this.#claimer.stop()
    if (wasStarted) {
      await within(graceMs, (over) => this.#drain(over))
      const running = this.#attempts.release()
      await within(this.#options.leaseMs, () => this.#settleUp(running))
    }
    this.#gaveUp.abort()
    this.#outbox.stop()
    this.#lease.stop()
    this.#state = 'closed'
    return { released: this.#released, unreported: this.#unreleased + this.#outbox.size }
  }

  async #drain(over: AbortSignal): Promise<void> {
    await Promise.allSettled([this.#starting])
    await this.#claiming
    await this.#attempts.idle(over)
  }

  async #settleUp(running: readonly HeldAttempt[]): Promise<void> {
    this.#outbox.finish()
    await Promise.all([this.#claiming, this.#reporting, this.#giveBack(running, { hasBegun: true })])
    if (!this.#isRegistered || this.#unreleased > 0 || this.#outbox.size > 0) return
    try {
      await this.#dispatch.unregister(this.workerUuid)
    } catch (error) {
      const details = { workerUuid: this.workerUuid, error }
      this.#options.logger?.error('the worker could not be unregistered; its lease will run out', details)
    }
  }

  /** Releases attempts, again and again until it succeeds or closing is over. */
  async #giveBack(
    attempts: readonly HeldAttempt[],
    { hasBegun }: Pick<ReleasedAttempt, 'hasBegun'>,
  ): Promise<void> {
    if (attempts.length === 0) return
    const { pollMinMs, pollMaxMs, logger } = this.#options
    const held = attempts.map(({ stepId, attemptToken }) => ({ stepId, attemptToken, hasBegun }))
    this.#unreleased += held.length
    for (let delayMs = pollMinMs; !this.#gaveUp.signal.aborted; delayMs = Math.min(pollMaxMs, delayMs * 2)) {
      try {
        await this.#dispatch.release(this.workerUuid, held)
        this.#unreleased -= held.length
        this.#released += held.length
        return
      } catch (error) {
        logger?.error('attempts could not be given back; it will be tried again', {
          attempts: held.length,
          error,
        })
      }
      await pause(delayMs, this.#gaveUp.signal)
    }
  }

  #refuseWhenClosed(): void {
    if (this.#state === 'created' || this.#state === 'running') return
    const message = `worker ${this.#options.service} is ${this.#state}: create a new one`
    throw new TrailError('worker_closed', message, { details: { workerUuid: this.workerUuid } })
  }
}
