import { randomUUID } from 'node:crypto'
import { type Database, getExecution } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import { createSaga, type OperatorOrder, type Saga } from '@steptrail/saga'
import { type FakeClock, fakeClock } from '@steptrail/testkit'
import {
  type Claim,
  isEnded,
  type ReportedError,
  type Result,
  type WorkflowDefinition,
} from '@steptrail/workflow'

const operator = { actor: { type: 'user', id: 'olga' }, reason: 'because the test says so' } as const
const mayBeRefused: readonly string[] = ['order_refused', 'adjustment_refused', 'step_not_found']

/**
 * One execution in the real runtime, on a clock that a test moves; the test plays the workers, the operator and
 * fate. Whatever is done out of turn is done all the same: late and repeated results, orders that are refused.
 */
export class DrivenRuntime {
  readonly executionId: string
  readonly #saga: Saga
  readonly #clock: FakeClock
  readonly #database: Database
  readonly #definition: WorkflowDefinition
  readonly #workers: string[] = []
  /** Every claim ever made: those that are over are reported on all the same. */
  readonly #claims: Claim[] = []
  readonly #holders = new Map<string, string>()

  private constructor(
    database: Database,
    parts: { saga: Saga; clock: FakeClock; definition: WorkflowDefinition; executionId: string },
  ) {
    this.#database = database
    this.#saga = parts.saga
    this.#clock = parts.clock
    this.#definition = parts.definition
    this.executionId = parts.executionId
  }

  /** Starts the execution, with two workers that may perform it. */
  static async start(
    database: Database,
    definition: WorkflowDefinition,
    { flag, random }: { readonly flag: boolean; readonly random: () => number },
  ): Promise<DrivenRuntime> {
    const clock = fakeClock(new Date().toISOString())
    const saga = await createSaga(database, { clock, random, holdsClock: false, onTrouble: raise })
    const { executionId } = await saga.startDefinition(definition, { flag })
    const runtime = new DrivenRuntime(database, { saga, clock, definition, executionId })
    await runtime.#hire()
    await runtime.#hire()
    return runtime
  }

  /** A worker asks for work. */
  async claim(which: number): Promise<void> {
    const worker = this.#workers[which % this.#workers.length]
    if (worker === undefined) return
    for (const claim of await this.#saga.dispatch.claim(worker, 1 + (which % 2))) {
      this.#claims.push(claim)
      this.#holders.set(claim.attemptToken, worker)
    }
  }

  /** A worker reports on a claim of its own, be it long over. */
  async report(which: number, error?: ReportedError): Promise<void> {
    const claim = this.#claims[which % Math.max(1, this.#claims.length)]
    if (claim) await this.#report([this.#resultOf(claim, error)], which % 3)
  }

  /** Several workers report at once, one of them twice. */
  async reportTogether(which: number): Promise<void> {
    const claims = this.#claims.slice(-1 - (which % 3)).map((claim) => this.#resultOf(claim))
    if (claims.length > 0) await this.#report([...claims, ...claims.slice(-1)], which % 2)
  }

  /** A worker gives a claim back, be it long over. */
  async release(which: number): Promise<void> {
    const claim = this.#claims[which % Math.max(1, this.#claims.length)]
    const hasBegun = which % 2 === 0
    if (claim) await this.#saga.dispatch.release(this.#holderOf(claim), [{ ...claim, hasBegun }])
  }

  /** A handler asks for another timeout, more retries, or to do without a step. */
  async adjust(which: number): Promise<void> {
    const claim = this.#claims.at(-1)
    const step = this.#definition.steps[which % this.#definition.steps.length]
    if (!claim || !step) return
    const adjustment = [
      { type: 'timeout', timeoutMs: 30_000 + which, reason: 'it is slow' },
      { type: 'retry', maxRetries: which % 3, reason: 'it is worth a try' },
      { type: 'skip', step: step.name, reason: 'it is not needed' },
    ][which % 3] as Parameters<Saga['dispatch']['adjust']>[0]['adjustment']
    await unlessRefused(
      this.#saga.dispatch.adjust({ ...claim, workerUuid: this.#holderOf(claim), adjustment }),
    )
  }

  /** Time passes, during which all workers but one are heard of: it falls silent when that takes long enough. */
  async pass(durationMs: number, silent: number): Promise<void> {
    for (let left = durationMs; left > 0; left -= 4_000) {
      this.#clock.advance(Math.min(left, 4_000))
      for (const [index, worker] of this.#workers.entries()) {
        if (index !== silent % this.#workers.length) {
          const held = this.#claims.filter(({ attemptToken }) => this.#holders.get(attemptToken) === worker)
          await this.#saga.dispatch.heartbeat(worker, held)
        }
      }
    }
    await this.#saga.tick()
  }

  /** An operator orders something, which may be refused. */
  async order(action: OperatorOrder['action'], which: number): Promise<void> {
    const { name: step = '' } = this.#definition.steps[which % this.#definition.steps.length] ?? {}
    const operation = which % 3 === 0 ? 'UNDO' : which % 3 === 1 ? 'DO' : undefined
    const order: OperatorOrder =
      action === 'retry' || action === 'skip' || action === 'resolve'
        ? { action, step, operation, ...(action === 'resolve' && { output: {} }) }
        : action === 'adjust'
          ? { action, step, maxRetries: which % 3 }
          : action === 'cancel'
            ? { action, rollback: which % 3 !== 0 }
            : { action }
    await unlessRefused(this.#saga.act(this.executionId, order, operator))
  }

  /** From here on everything goes well and the operator sees to what waits; true when it has ended for good. */
  async finish(): Promise<boolean> {
    await this.#hire()
    for (let round = 0; round < 100; round += 1) {
      const { status, steps } = await getExecution(this.#database, this.executionId)
      if (isEnded(status) && status !== 'rollback_failed') return true
      if (status === 'paused') await this.order('resume', 0)
      if (status === 'rollback_failed') await this.order('retry-rollback', 0)
      if (status === 'blocked') {
        const failed = steps.find((step) => step.status === 'error')
        const order: OperatorOrder = { action: 'resolve', step: failed?.name ?? '', output: {} }
        await this.#saga.act(this.executionId, order, operator)
      }
      await this.pass(20_000, 0)
      await this.claim(this.#workers.length - 1)
      for (const claim of this.#claims) await this.#saga.dispatch.report([this.#resultOf(claim)])
      this.#claims.length = 0
    }
    return false
  }

  async close(): Promise<void> {
    await this.#saga.close()
  }

  async #hire(): Promise<void> {
    const workerUuid = randomUUID()
    const { name, version, steps } = this.#definition
    await this.#saga.dispatch.register({
      workerUuid,
      service: 'service',
      leaseMs: 10_000,
      host: 'host',
      pid: 1,
      version: null,
      definitions: [this.#definition],
      implements: steps.map((step) => ({
        workflowName: name,
        workflowVersion: version,
        stepName: step.name,
      })),
    })
    this.#workers.push(workerUuid)
  }

  /** Reports, and takes what follows as far as there is room. */
  async #report(results: readonly Result[], room: number): Promise<void> {
    for (const { next = [] } of await this.#saga.dispatch.report(results, room)) {
      for (const claim of next) {
        this.#claims.push(claim)
        this.#holders.set(claim.attemptToken, results[0]?.workerUuid ?? '')
      }
    }
  }

  #resultOf(claim: Claim, error?: ReportedError): Result {
    const { stepId, executionId, attempt, attemptToken } = claim
    const workerUuid = this.#holderOf(claim)
    const head = { stepId, executionId, attempt, attemptToken, workerUuid, executionTimeMs: 42 }
    return error ? { ...head, success: false, error } : { ...head, success: true, output: {} }
  }

  #holderOf(claim: Claim): string {
    const holder = this.#holders.get(claim.attemptToken)
    if (holder === undefined) throw new Error(`nobody claimed ${claim.attemptToken}`)
    return holder
  }
}

async function unlessRefused(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof TrailError) || !mayBeRefused.includes(error.code)) throw error
  }
}

function raise(message: string, cause: unknown): never {
  throw new Error(message, { cause })
}
