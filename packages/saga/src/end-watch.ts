import { type Database, executionNotFound, type PreparedStatement } from '@steptrail/core'
import { type ExecutionState, isEnded } from '@steptrail/workflow'

/** How long after somebody began to wait it is first looked, unless a signal says that the execution has ended. */
const firstLookMs = 20
/** How often it is looked for all that are waited for, in case a signal was lost. */
const lookEveryMs = 200

interface Waiting {
  readonly resolve: (status: ExecutionState) => void
  readonly reject: (cause: unknown) => void
}

/**
 * Waits for executions to end, any number of them: one statement looks for all that may have. A signal says which
 * those are; without one it is looked by itself now and then, so that a lost signal costs time and nothing else.
 */
export class EndWatch {
  readonly #database: Database
  readonly #waiting = new Map<string, Set<Waiting>>()
  readonly #due = new Set<string>()
  #isLooking = false
  #timer: NodeJS.Timeout | null = null

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * Resolves with the state in which the execution has ended.
   *
   * @throws TrailError `execution_not_found`
   * @throws the signal's reason when it aborts before, and what the database throws
   */
  async of(executionId: string, signal: AbortSignal): Promise<ExecutionState> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<ExecutionState>()
    const waiting: Waiting = { resolve, reject }
    const others = this.#waiting.get(executionId) ?? new Set()
    this.#waiting.set(executionId, others.add(waiting))
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    const first = setTimeout(() => this.ended([executionId]), firstLookMs)
    this.#timer ??= setInterval(() => this.ended([...this.#waiting.keys()]), lookEveryMs)
    try {
      return await promise
    } finally {
      clearTimeout(first)
      signal.removeEventListener('abort', abort)
      this.#forget(executionId, waiting)
    }
  }

  /** These may have ended: it is looked whether those among them have that somebody waits for. */
  ended(executionIds: readonly string[]): void {
    for (const executionId of executionIds) if (this.#waiting.has(executionId)) this.#due.add(executionId)
    if (this.#due.size > 0 && !this.#isLooking) void this.#look()
  }

  /** Never rejects: who waits is told. */
  async #look(): Promise<void> {
    this.#isLooking = true
    while (this.#due.size > 0) {
      const ids = [...this.#due]
      this.#due.clear()
      try {
        const { rows } = await this.#database.query<Found>(selectStatus, [ids])
        const found = new Map(rows.map((row) => [row.execution_id, row.status]))
        for (const id of ids) this.#settle(id, found.get(id))
      } catch (cause) {
        this.#fail(ids, cause)
      }
    }
    this.#isLooking = false
  }

  #fail(executionIds: readonly string[], cause: unknown): void {
    for (const executionId of executionIds)
      for (const { reject } of this.#waiting.get(executionId) ?? []) reject(cause)
  }

  #settle(executionId: string, status: ExecutionState | undefined): void {
    for (const { resolve, reject } of this.#waiting.get(executionId) ?? []) {
      if (status === undefined) reject(executionNotFound(executionId))
      else if (isEnded(status)) resolve(status)
    }
  }

  #forget(executionId: string, waiting: Waiting): void {
    const others = this.#waiting.get(executionId)
    others?.delete(waiting)
    if (others?.size === 0) this.#waiting.delete(executionId)
    if (this.#waiting.size > 0 || !this.#timer) return
    clearInterval(this.#timer)
    this.#timer = null
  }
}

interface Found {
  readonly execution_id: string
  readonly status: ExecutionState
}

const selectStatus: PreparedStatement = {
  name: 'read status of executions',
  text: `
select execution_id, status
from workflow_executions
where execution_id = any($1::uuid[])`,
}
