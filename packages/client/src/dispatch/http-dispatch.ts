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
} from '@steptrail/workflow'
import type { z } from 'zod'
import type { ConnectionOptions } from '../connection/connection-options.ts'
import { Connection } from '../connection/connection.ts'
import {
  claimsSchema,
  heardWorkerSchema,
  heartbeatAnswerSchema,
  longestWaitMs,
  reportAnswerSchema,
  waitAnswerSchema,
} from '../messages/engine.ts'
import { pause } from '../stream/pause.ts'

const engine = '/api/v1/engine'

/**
 * How workers without access to the database meet the runtime: through a server, with a key of the scope `engine`. A
 * worker on it is as any other; when the server is away it keeps its results and tries again, as with a database.
 */
export const createHttpDispatch = (options: ConnectionOptions): Dispatch =>
  new HttpDispatch(new Connection(options))

class HttpDispatch implements Dispatch {
  readonly #connection: Connection
  /** How long a heartbeat may take: there is time for others before the lease is over. */
  readonly #heartbeatMs = new Map<string, number>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async register(worker: WorkerRegistration): Promise<void> {
    await this.#post(`${engine}/workers`, worker, { schema: heardWorkerSchema })
    this.#heartbeatMs.set(worker.workerUuid, Math.ceil(worker.leaseMs / 3))
  }

  async claim(workerUuid: string, limit: number): Promise<readonly Claim[]> {
    const path = `${engine}/workers/${workerUuid}/claims`
    const { claims } = await this.#post(path, { limit }, { schema: claimsSchema })
    return claims as readonly Claim[]
  }

  async heartbeat(workerUuid: string, held: readonly HeldAttempt[]): Promise<HeartbeatAnswer> {
    const timeoutMs = this.#heartbeatMs.get(workerUuid)
    const path = `${engine}/workers/${workerUuid}/heartbeat`
    return await this.#post(
      path,
      { held: held.map(nameOf) },
      { schema: heartbeatAnswerSchema, ...(timeoutMs !== undefined && { timeoutMs }) },
    )
  }

  async adjust(request: AdjustmentRequest): Promise<void> {
    const { executionId, workerUuid, adjustment } = request
    const body = { ...nameOf(request), executionId, workerUuid, adjustment }
    await this.#post(`${engine}/adjustments`, body, { schema: heardWorkerSchema })
  }

  async release(workerUuid: string, released: readonly ReleasedAttempt[]): Promise<void> {
    const path = `${engine}/workers/${workerUuid}/releases`
    const body = { released: released.map(({ hasBegun, ...held }) => ({ ...nameOf(held), hasBegun })) }
    await this.#post(path, body, { schema: heardWorkerSchema })
  }

  async report(results: readonly Result[], room = 0): Promise<readonly ResultOutcome[]> {
    const { outcomes } = await this.#post(
      `${engine}/results`,
      { results, room },
      { schema: reportAnswerSchema },
    )
    return outcomes as readonly ResultOutcome[]
  }

  async unregister(workerUuid: string): Promise<void> {
    const path = `${engine}/workers/${workerUuid}`
    await this.#connection.json({ method: 'DELETE', path }, heardWorkerSchema)
    this.#heartbeatMs.delete(workerUuid)
  }

  async waitForWork(service: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const waitMs = Math.min(timeoutMs, longestWaitMs)
    const query = { service, timeout_ms: waitMs }
    const asked = { method: 'GET', path: `${engine}/work`, query, signal } as const
    try {
      await this.#connection.json({ ...asked, timeoutMs: waitMs + 10_000 }, waitAnswerSchema)
    } catch {
      // Nobody is told of a wait that failed: the claim that follows meets the same trouble, and tells.
      await pause(waitMs, signal)
    }
  }

  #post<Schema extends z.ZodType>(
    path: string,
    body: object,
    { schema, timeoutMs }: { readonly schema: Schema; readonly timeoutMs?: number },
  ): Promise<z.output<Schema>> {
    const asked = { method: 'POST', path, body: JSON.stringify(body) } as const
    return this.#connection.json({ ...asked, ...(timeoutMs !== undefined && { timeoutMs }) }, schema)
  }
}

/** Whoever calls may hold more than the name of what it holds. */
const nameOf = ({ stepId, attemptToken }: HeldAttempt): HeldAttempt => ({ stepId, attemptToken })
