import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { DBOS, type StepConfig } from '@dbos-inc/dbos-sdk'
import { carefully, TrailError } from '@steptrail/event'
import type { DbosPlace } from '../install/place.ts'
import { Attempt } from './attempt.ts'
import { AttemptLog, type WrappedStep } from './attempt-log.ts'
import { retryDelayMs } from './retry-delay.ts'

/** How steps are wrapped. */
export interface DbosStepsOptions extends DbosPlace {
  /** `service_name` of the events of these steps. */
  readonly serviceName: string
  /**
   * How long the database of DBOS may take to answer when an attempt is to be noted, in milliseconds. Default 10,000: then
   * the step goes on without.
   */
  readonly answerWithinMs?: number | undefined
  /** Told when an attempt could not be noted. The step itself goes on as if nothing had happened. */
  readonly onTrouble?: (message: string, cause: unknown) => void
}

/** DBOS's configuration of a step, and what the trail is to know of it. */
export interface WrappedStepConfig extends StepConfig {
  readonly name: string
  /** The name of the step that this one undoes: it is on record as the UNDO of that. */
  readonly undoes?: string
}

/**
 * Runs and registers steps of DBOS such that each attempt is seen. A failed attempt is committed before DBOS goes on to
 * the next, an attempt that takes longer than 25 ms while it is under way, and every later attempt of a step before it
 * begins. A first attempt that succeeds sooner costs nothing: DBOS's own record of it is enough, unless two steps that
 * undo different things, or are of different services, have one name; then the second of them is noted before it begins.
 *
 * `open → closed`
 */
export class DbosSteps implements AsyncDisposable {
  readonly #log: AttemptLog
  readonly #options: DbosStepsOptions
  readonly #workerUuid = randomUUID()
  readonly #calls = new AsyncLocalStorage<StepCall>()

  constructor(options: DbosStepsOptions) {
    this.#options = { ...options, ...(options.onTrouble && { onTrouble: carefully(options.onTrouble) }) }
    this.#log = new AttemptLog(options, options.answerWithinMs ?? 10_000)
  }

  /** As `DBOS.runStep`. */
  run<Return>(work: () => Promise<Return>, config: WrappedStepConfig): Promise<Return> {
    return this.#calling(() => DBOS.runStep(() => this.#attempt(work, config), this.#configFor(config)))
  }

  /** As `DBOS.registerStep`. */
  register<This, Args extends unknown[], Return>(
    work: (this: This, ...args: Args) => Promise<Return>,
    config: WrappedStepConfig,
  ): (this: This, ...args: Args) => Promise<Return> {
    const attempt = this.#attempt.bind(this)
    const calling = this.#calling.bind(this)
    const registered = DBOS.registerStep(async function (this: This, ...args: Args): Promise<Return> {
      return await attempt(() => work.apply(this, args), config)
    }, this.#configFor(config))
    return function (this: This, ...args: Args): Promise<Return> {
      return calling(() => registered.apply(this, args))
    }
  }

  /** Waits for what is being noted, and closes the connections. */
  async close(): Promise<void> {
    await this.#log.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Of a workflow that was cancelled, DBOS asks no more whether a step is retried, and records nothing of one that is done. */
  async #calling<Return>(step: () => Promise<Return>): Promise<Return> {
    const call: StepCall = { isWithinStep: DBOS.isInStep(), undecided: null, done: null }
    try {
      return await this.#calls.run(call, step)
    } catch (error) {
      await call.done?.leaveTrace()
      throw error
    } finally {
      await call.undecided?.(false)
    }
  }

  /** Outside a workflow, and within another step, a step is an ordinary call, for DBOS as for us. */
  async #attempt<Return>(work: () => Promise<Return>, config: WrappedStepConfig): Promise<Return> {
    const { workflowID: workflowId, stepID: step, stepStatus } = DBOS
    const call = this.#calls.getStore()
    if (workflowId === undefined || step === undefined || !call || call.isWithinStep) return await work()
    const attempt = new Attempt(this.#log, {
      workflowId,
      step,
      number: stepStatus?.currentAttempt ?? 1,
      wrapped: this.#wrapped(config),
      workerUuid: this.#workerUuid,
      onTrouble: (cause) =>
        this.#options.onTrouble?.(
          `an attempt of step ${config.name} of workflow ${workflowId} is not noted`,
          cause,
        ),
    })
    const timeout = stepStatus?.timeoutSignal
    const timedOut = () => void this.#failed(timeout?.reason, { attempt, config, call })
    timeout?.addEventListener('abort', timedOut, { once: true })
    try {
      await attempt.begin()
      // DBOS waits for it no longer, and may have begun the next: it is not to begin any more.
      timeout?.throwIfAborted()
      const result = await work()
      call.done = attempt
      return result
    } catch (error) {
      await this.#failed(error, { attempt, config, call })
      throw error
    } finally {
      timeout?.removeEventListener('abort', timedOut)
      attempt.stop()
    }
  }

  /** Where the application decides on retries, its decision is waited for: DBOS asks for it right after. */
  async #failed(error: unknown, { attempt, config, call }: FailedAttempt): Promise<void> {
    const retryInMs = retryIn(config, attempt.number)
    const isAsked = config.retriesAllowed === true && config.shouldRetry !== undefined
    if (!isAsked) return await attempt.fail(error, retryInMs)
    // One that was given up before, and ends only now, leaves the decision on its successor alone.
    if (attempt.isOver) return
    attempt.stop()
    call.undecided = (isRetried) => attempt.fail(error, isRetried ? retryInMs : null)
  }

  #configFor({ undoes: _, ...config }: WrappedStepConfig): StepConfig & { readonly name: string } {
    const { shouldRetry } = config
    if (!shouldRetry) return config
    return {
      ...config,
      shouldRetry: async (error) => {
        const call = this.#calls.getStore()
        let isRetried = false
        try {
          isRetried = await shouldRetry(error)
          return isRetried
        } finally {
          await call?.undecided?.(isRetried)
        }
      },
    }
  }

  #wrapped({ name, undoes, retriesAllowed, maxAttempts = 3 }: WrappedStepConfig): WrappedStep {
    if (name === '')
      throw new TrailError(
        'invalid_configuration',
        'a step has no name: give it one, as in { name: "charge" }',
      )
    return {
      name,
      service: this.#options.serviceName,
      undoes: undoes ?? null,
      maxRetries: retriesAllowed === true ? Math.max(0, maxAttempts - 1) : 0,
    }
  }
}

/** A step that is called: its attempts are made one after the other. */
interface StepCall {
  readonly isWithinStep: boolean
  /** Notes the failure of the last attempt, once the application has decided whether there is another. */
  undecided: ((isRetried: boolean) => Promise<void>) | null
  /** The attempt that succeeded. */
  done: Attempt | null
}

interface FailedAttempt {
  readonly attempt: Attempt
  readonly config: WrappedStepConfig
  readonly call: StepCall
}

/** How long DBOS waits after this attempt, if nothing else decides; null when it makes no other. */
const retryIn = (config: WrappedStepConfig, attempt: number): number | null =>
  config.retriesAllowed === true && attempt < (config.maxAttempts ?? 3) ? retryDelayMs(config, attempt) : null
