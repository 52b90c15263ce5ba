import type { Claim } from '../src/dispatch.ts'
import type { DoContext } from '../src/handlers.ts'
import { createWorker, type Worker } from '../src/worker.ts'
import type { WorkerOptions } from '../src/worker-options.ts'
import { booking, claimOf } from './booking.ts'
import { ScriptedDispatch } from './scripted-dispatch.ts'

/** What a test sees of a running handler, and ends it with. */
export interface Running {
  readonly signal: AbortSignal
  readonly adjust: DoContext<unknown, unknown>['adjust']
  succeed(): void
  fail(error: Error): void
}

/** A worker of service `desk`, its scripted dispatch, and handlers of `reserve` that run until the test ends them. */
export interface Desk {
  readonly dispatch: ScriptedDispatch
  readonly worker: Worker<'desk'>
  readonly logged: string[]
  /** Running handlers by their claim's name; those that have ended stay here. */
  readonly running: Map<string, Running>
  /** Makes claims of these names available. */
  offer(...names: readonly string[]): void
  offerClaim(name: string, given: Partial<Claim>): void
}

/** A desk that has not been started. */
export function createDesk(options: Partial<WorkerOptions> = {}): Desk {
  const dispatch = new ScriptedDispatch()
  const running = new Map<string, Running>()
  const logged: string[] = []
  const log = (message: string): void => void logged.push(message)
  const wait = ({
    signal,
    adjust,
    idempotencyKey,
  }: DoContext<unknown, unknown>): Promise<{ room: number }> => {
    const { promise, resolve, reject } = Promise.withResolvers<{ room: number }>()
    running.set(idempotencyKey.replace('key-', ''), {
      signal,
      adjust,
      succeed: () => resolve({ room: 1 }),
      fail: reject,
    })
    return promise
  }
  const undo = async (context: DoContext<unknown, unknown>): Promise<void> => void (await wait(context))
  const worker = createWorker(dispatch, {
    ...options,
    service: 'desk',
    logger: options.logger ?? { warn: log, error: log },
  })
  worker.implement(booking, { reserve: { do: wait, undo }, greet: { do: () => null } })
  return {
    dispatch,
    worker,
    logged,
    running,
    offer: (...names) => dispatch.offer(...names.map((name) => claimOf(name))),
    offerClaim: (name, given) => dispatch.offer(claimOf(name, given)),
  }
}
