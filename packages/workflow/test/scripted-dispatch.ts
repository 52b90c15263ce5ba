import type {
  AdjustmentRequest,
  Claim,
  Dispatch,
  HeartbeatAnswer,
  HeldAttempt,
  ReleasedAttempt,
  Result,
  ResultOutcome,
  WorkerRegistration,
} from '../src/dispatch.ts'

/** What was called, with the arguments that matter. */
export type Call =
  | { readonly method: 'register'; readonly worker: WorkerRegistration }
  | { readonly method: 'claim'; readonly limit: number }
  | { readonly method: 'heartbeat'; readonly held: readonly HeldAttempt[] }
  | { readonly method: 'release'; readonly held: readonly ReleasedAttempt[] }
  | { readonly method: 'report'; readonly results: readonly Result[]; readonly room: number }
  | { readonly method: 'adjust'; readonly request: AdjustmentRequest }
  | { readonly method: 'unregister' }
  | { readonly method: 'waitForWork'; readonly timeoutMs: number }

type Method = Call['method']
type CallOf<M extends Method> = Extract<Call, { readonly method: M }>

/** What a method does before it goes on: wait, or throw. */
type Obstacle = () => Promise<void>

/** What the runtime answers to a result; `later`: no outcome yet. */
export type Answer = 'accepted' | 'rejected' | 'later'

/**
 * A Dispatch for tests of the worker: it hands out the claims it was offered, notes every call, and does what the
 * test tells it to. Nothing is decided here.
 */
export class ScriptedDispatch implements Dispatch {
  readonly calls: Call[] = []
  /** Attempts that the next heartbeats name as lost, by token. */
  readonly lost = new Set<string>()
  /** How long the next heartbeats let attempts take, by token. */
  readonly timeouts = new Map<string, number>()
  /** What `report` answers to a result; called for each. */
  answer: (result: Result) => Answer = () => 'accepted'
  /** What follows from a result that is accepted, as far as there is room. */
  next: (result: Result) => Claim | undefined = () => undefined
  readonly #offered: Claim[] = []
  #offers = Promise.withResolvers<void>()
  #calls = Promise.withResolvers<void>()
  readonly #obstacles = new Map<Method, Obstacle[]>()

  /** Makes claims available, and wakes who waits for work. */
  offer(...claims: readonly Claim[]): void {
    this.#offered.push(...claims)
    this.#offers.resolve()
    this.#offers = Promise.withResolvers()
  }

  /** The calls of one method. */
  of<M extends Method>(method: M): CallOf<M>[] {
    return this.calls.filter((call): call is CallOf<M> => call.method === method)
  }

  /** All results reported, in order, repeated ones too. */
  get results(): readonly Result[] {
    return this.of('report').flatMap((call) => call.results)
  }

  /** Resolves when the condition holds, which is asked after each call. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#calls.promise
  }

  /** The next `times` calls of the method throw. */
  fail(method: Method, times = 1): void {
    for (let index = 0; index < times; index++)
      this.#obstruct(method, () => Promise.reject(new Error(`no storage for ${method}`)))
  }

  /** The next call of the method waits, after it was noted, until the function returned is called. */
  hold(method: Method): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#obstruct(method, () => promise)
    return resolve
  }

  async register(worker: WorkerRegistration): Promise<void> {
    await this.#note({ method: 'register', worker })
  }

  async claim(_workerUuid: string, limit: number): Promise<readonly Claim[]> {
    await this.#note({ method: 'claim', limit })
    return this.#offered.splice(0, limit)
  }

  async heartbeat(_workerUuid: string, held: readonly HeldAttempt[]): Promise<HeartbeatAnswer> {
    const timeouts = new Map(this.timeouts)
    await this.#note({ method: 'heartbeat', held })
    return {
      lost: held.filter(({ attemptToken }) => this.lost.has(attemptToken)),
      held: held.flatMap((attempt) => {
        const timeoutMs = timeouts.get(attempt.attemptToken)
        return timeoutMs === undefined ? [] : [{ ...attempt, timeoutMs }]
      }),
    }
  }

  async release(_workerUuid: string, held: readonly ReleasedAttempt[]): Promise<void> {
    await this.#note({ method: 'release', held })
  }

  async adjust(request: AdjustmentRequest): Promise<void> {
    await this.#note({ method: 'adjust', request })
  }

  async report(results: readonly Result[], room = 0): Promise<readonly ResultOutcome[]> {
    await this.#note({ method: 'report', results, room })
    let left = room
    return results.flatMap((result) => {
      const outcome = this.answer(result)
      const { stepId, attemptToken } = result
      if (outcome === 'later') return []
      const next = left > 0 && outcome === 'accepted' ? this.next(result) : undefined
      if (next) left -= 1
      return [{ stepId, attemptToken, outcome, ...(next && { next: [next] }) }]
    })
  }

  async unregister(): Promise<void> {
    await this.#note({ method: 'unregister' })
  }

  async waitForWork(_service: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    await this.#note({ method: 'waitForWork', timeoutMs })
    const over = Promise.withResolvers<void>()
    const timer = setTimeout(over.resolve, timeoutMs)
    signal.addEventListener('abort', () => over.resolve(), { once: true })
    if (signal.aborted) over.resolve()
    await Promise.race([over.promise, this.#offers.promise])
    clearTimeout(timer)
  }

  #obstruct(method: Method, obstacle: Obstacle): void {
    this.#obstacles.set(method, [...(this.#obstacles.get(method) ?? []), obstacle])
  }

  async #note(call: Call): Promise<void> {
    this.calls.push(call)
    this.#calls.resolve()
    this.#calls = Promise.withResolvers()
    await this.#obstacles.get(call.method)?.shift()?.()
  }
}
