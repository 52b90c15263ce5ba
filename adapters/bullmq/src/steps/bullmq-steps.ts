import { randomUUID } from 'node:crypto'
import { carefully, TrailError } from '@steptrail/event'
import { reportedError } from '@steptrail/workflow'
import type { Job, Processor } from 'bullmq'
import type { BullmqPlace } from '../install/place.ts'
import { isOnRedis } from '../redis/redis-keys.ts'
import { JobAttempt } from './job-attempt.ts'
import type { Notes } from './note-log.ts'
import { PostgresNotes } from './postgres-notes.ts'
import { RedisNotes } from './redis-notes.ts'

/** How processors are wrapped. */
export interface BullmqStepsOptions extends BullmqPlace {
  /** `service_name` of the events of these steps. */
  readonly serviceName: string
  /**
   * How long the server of BullMQ may take to answer when a step is to be noted, in milliseconds. Default 10,000: then the
   * step goes on without.
   */
  readonly answerWithinMs?: number | undefined
  /** Told when a step could not be noted. The step itself goes on as if nothing had happened. */
  readonly onTrouble?: (message: string, cause: unknown) => void
}

/** What the trail is to know of a step. */
export interface StepConfig {
  readonly name: string
  /** The name of the step that this one undoes: it is on record as the UNDO of that. */
  readonly undoes?: string
}

/** What of a job tells which attempt it is. */
type RunningJob = Pick<Job, 'id' | 'queueName' | 'attemptsStarted' | 'opts'>

/**
 * Wraps processors of BullMQ such that their steps are seen, each attempt of them, and that a job was cancelled. A step
 * that failed is committed before its error goes on, a step that takes longer than 25 ms while it is under way, and one that
 * succeeded within that time and before the processor ends.
 *
 * `open → closed`
 */
export class BullmqSteps implements AsyncDisposable {
  readonly #log: Notes
  readonly #options: BullmqStepsOptions
  readonly #workerUuid = randomUUID()
  readonly #attempts = new WeakMap<object, JobAttempt>()

  constructor(options: BullmqStepsOptions) {
    this.#options = { ...options, ...(options.onTrouble && { onTrouble: carefully(options.onTrouble) }) }
    const { answerWithinMs = 10_000 } = options
    this.#log = isOnRedis(options)
      ? new RedisNotes(options, answerWithinMs)
      : new PostgresNotes(options, answerWithinMs)
  }

  /** A processor for a `Worker`, within which {@link run} runs steps. */
  processor<Data, Result, Name extends string>(
    processor: Processor<Data, Result, Name>,
  ): Processor<Data, Result, Name> {
    // BullMQ looks at the number of parameters: with three it gives a signal, by which a cancel shows.
    return async (job, token, signal) => {
      const attempt = this.#attemptOf(job)
      this.#attempts.set(job, attempt)
      settleBeforeMoves(job, attempt)
      const cancelled = () => attempt.cancelAsked(signal?.reason)
      signal?.addEventListener('abort', cancelled, { once: true })
      try {
        return await processor(job, token, signal)
      } catch (error) {
        throw asError(error)
      } finally {
        signal?.removeEventListener('abort', cancelled)
        await attempt.settled()
      }
    }
  }

  /**
   * Does a step of the processor that works on this job.
   *
   * @throws TrailError `invalid_configuration` for a job whose processor is not wrapped, for a step without a name, and for
   *   a name that PostgreSQL cannot store
   */
  async run<Result>(job: RunningJob, work: () => Promise<Result>, config: StepConfig): Promise<Result> {
    const { name, undoes } = config
    const attempt = this.#attempts.get(job)
    if (!attempt)
      throw new TrailError(
        'invalid_configuration',
        `step ${name} of job ${job.id} is run outside a processor that is wrapped: give the worker steps.processor(…)`,
        { details: { step: name } },
      )
    requireName(name)
    if (undoes !== undefined) requireName(undoes)
    return await attempt.run({ name, undoes: undoes ?? null }, work)
  }

  /** Waits for what is being noted, and closes the connection. */
  async close(): Promise<void> {
    await this.#log.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #attemptOf({ id = '', queueName, attemptsStarted, opts }: RunningJob): JobAttempt {
    return new JobAttempt(this.#log, {
      queue: queueName,
      jobId: id,
      attempt: attemptsStarted,
      processing: {
        service: this.#options.serviceName,
        workerUuid: this.#workerUuid,
        maxRetries: Math.max(0, (opts.attempts ?? 1) - 1),
      },
      onTrouble: (cause) =>
        this.#options.onTrouble?.(`a step of job ${id} of queue ${queueName} is not noted`, cause),
    })
  }
}

/** Of what is no error BullMQ keeps nothing, and fails over null; it is given one with the words of what was thrown. */
function asError(thrown: unknown): unknown {
  const isKept =
    typeof thrown === 'object' && thrown !== null && 'message' in thrown && typeof thrown.message === 'string'
  if (isKept) return thrown
  return new Error(reportedError(thrown, { recordStack: false }).message, { cause: thrown })
}

/** What cannot be stored would fail the write that the notes of other jobs go in as well. */
function requireName(name: string): void {
  if (name === '')
    throw new TrailError('invalid_configuration', 'a step has no name: give it one, as in { name: "charge" }')
  if (name.includes('\0') || !name.isWellFormed())
    throw new TrailError(
      'invalid_configuration',
      `a step has the name ${JSON.stringify(name)}, which PostgreSQL cannot store: leave out U+0000 and halves of characters`,
    )
}

/** BullMQ takes the job from its worker in these. What was noted until then is written first: afterwards it is refused. */
function settleBeforeMoves(job: Job, attempt: JobAttempt): void {
  job.moveToDelayed = whenSettled(attempt, job.moveToDelayed.bind(job))
  job.moveToWait = whenSettled(attempt, job.moveToWait.bind(job))
  job.moveToWaitingChildren = whenSettled(attempt, job.moveToWaitingChildren.bind(job))
}

const whenSettled =
  <Given extends readonly unknown[], Result>(
    attempt: JobAttempt,
    move: (...given: Given) => Promise<Result>,
  ) =>
  async (...given: Given): Promise<Result> => {
    await attempt.settled()
    return await move(...given)
  }
