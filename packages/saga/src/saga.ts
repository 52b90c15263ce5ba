import {
  type Database,
  getExecution,
  requireExecutionId,
  registerDefinitions,
  type ExecutionView,
} from '@steptrail/core'
import {
  type Actor,
  carefully,
  type Clock,
  createUuidV7Generator,
  defaultRedaction,
  type RedactionPolicy,
  TrailError,
} from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import type {
  Dispatch,
  EffectivenessParameters,
  ExecutionState,
  WorkflowDefinition,
} from '@steptrail/workflow'
import type { z } from 'zod'
import { checkedEffectiveness, checkStartOptions } from './check-start.ts'
import { checkInput } from './check-input.ts'
import { Decider, type Once } from './decider.ts'
import { EndWatch } from './end-watch.ts'
import { checkOrder } from './check-order.ts'
import { checkSagaOptions } from './check-saga-options.ts'
import { type OperatorOrder, reportOfOrder } from './operator-order.ts'
import { checkOrderedBy, type OrderedBy } from './ordered-by.ts'
import { PostgresDispatch, type PostgresDispatchOptions } from './postgres-dispatch.ts'
import { RuntimeClock } from './runtime-clock.ts'
import { Starter } from './starter.ts'
import { WakeListener } from './wake-listener.ts'
import { WakeSignal } from './wake-signal.ts'
import { Waker } from './waker.ts'

/** How a saga runtime behaves. Everything has a default. */
export interface SagaOptions {
  /** The service name that stands in ORCHESTRATION events. Default `steptrail`. */
  readonly serviceName?: string
  /** What is taken out of inputs, outputs and errors before they go on record. Default: the built-in list. */
  readonly redaction?: RedactionPolicy
  /** Whether this process may hold the clock. Default `true`; with `false` another process has to. */
  readonly holdsClock?: boolean
  /** Orders of an operator that need a second person. Default: none. */
  readonly secondPersonFor?: readonly OperatorOrder['action'][]
  /** What effectiveness loses for each retry and each rollback. Default: 0.05 and 0.1; on record with each score. */
  readonly effectiveness?: EffectivenessParameters
  /** Replaces the database's clock. For tests. */
  readonly clock?: Clock
  /** A number in [0, 1), for jitter. Default `Math.random`. */
  readonly random?: () => number
  /** Told of troubles that the runtime survives. What it throws goes to `console`. Default: a line on standard error. */
  readonly onTrouble?: (message: string, cause: unknown) => void
}

/** How one execution is started. */
export interface StartOptions {
  /** A second start of the workflow with this key, in the same tenant, returns the first execution. */
  readonly idempotencyKey?: string
  /** Ties executions together. Default: the execution's own id. */
  readonly correlationId?: string
  /** Who starts it. Recorded as not given when absent. */
  readonly actor?: Actor
  /** Whom the start names as its actor, where `actor` is who was authenticated: kept in `details` of its first event. */
  readonly givenActor?: Actor | undefined
  /** Default `default`. */
  readonly tenant?: string
}

/** The execution that was started, or that an earlier start with the same key has started. */
export interface StartedExecution {
  readonly executionId: string
  readonly created: boolean
}

/** An operator's order: to which execution, what, by whom and why. */
export interface GivenOrder {
  readonly executionId: string
  readonly order: OperatorOrder
  readonly by: OrderedBy
}

/** What `start` takes of a workflow: what `defineWorkflow` returns. */
export interface StartableWorkflow<In extends z.ZodType = z.ZodType> {
  readonly input: In
  readonly definition: WorkflowDefinition
}

/**
 * The saga runtime on one database: starts executions, is what workers claim from and report to, and runs the
 * clock. Any number of processes may have one on the same database.
 *
 * `open → closed`
 */
export class Saga {
  /** What workers claim from and report to. */
  readonly dispatch: Dispatch
  readonly #database: Database
  readonly #options: SagaOptions
  readonly #decider: Decider
  readonly #ends: EndWatch
  readonly #signal: WakeSignal
  readonly #waker: Waker
  readonly #listener: WakeListener
  readonly #clock: RuntimeClock
  readonly #starter: Starter
  readonly #executionId = createUuidV7Generator()
  readonly #registered = new WeakMap<WorkflowDefinition, string>()
  readonly #parts: PostgresDispatchOptions
  readonly #dispatches = new Map<string, Dispatch>()
  readonly #closing = new AbortController()

  constructor(database: Database, options: SagaOptions = {}) {
    checkSagaOptions(options)
    const onTrouble = carefully(options.onTrouble ?? reportTrouble)
    const serviceName = options.serviceName ?? 'steptrail'
    this.#database = database
    this.#options = options
    this.#decider = new Decider(database, {
      serviceName,
      redaction: options.redaction ?? defaultRedaction,
      effectiveness: checkedEffectiveness(options.effectiveness),
      clock: options.clock,
      random: options.random ?? Math.random,
    })
    this.#ends = new EndWatch(database)
    this.#signal = new WakeSignal((executionIds) => this.#ends.ended(executionIds))
    this.#waker = new Waker(database, { signal: this.#signal, onTrouble })
    const parts = {
      decider: this.#decider,
      signal: this.#signal,
      waker: this.#waker,
      clock: options.clock,
      onTrouble,
    }
    this.#parts = parts
    this.dispatch = new PostgresDispatch(database, parts)
    this.#listener = new WakeListener(database, this.#signal)
    this.#clock = new RuntimeClock(database, parts)
    this.#starter = new Starter(database, parts)
  }

  /** The same for workers of one tenant: they are given no steps of others, and may not report on them. */
  dispatchOf(tenant: string): Dispatch {
    const known = this.#dispatches.get(tenant)
    if (known) return known
    const made = new PostgresDispatch(this.#database, { ...this.#parts, tenant })
    this.#dispatches.set(tenant, made)
    return made
  }

  /** Begins to listen, and to compete for the clock unless `holdsClock` is false. `createSaga` does this. */
  async open(): Promise<void> {
    await this.#listener.open()
    if (this.#options.holdsClock ?? true) this.#clock.start()
  }

  /**
   * Starts an execution: stored, its first steps enqueued, ORCHESTRATION_STARTED and STEP_STARTED recorded, all
   * in one transaction, which others may share that are started at the same moment without an idempotency key.
   *
   * @throws TrailError `invalid_input` when the workflow's schema refuses the input, or an option is unknown or
   *   cannot go on record; nothing is stored
   * @throws TrailError `definition_conflict` when this name and version are registered with other content
   */
  async start<In extends z.ZodType>(
    workflow: StartableWorkflow<In>,
    input: z.input<In>,
    options: StartOptions = {},
  ): Promise<StartedExecution> {
    const checked = await checkInput(workflow.definition, input, workflow.input)
    return await this.#start(workflow.definition, checked, options)
  }

  /**
   * The same for a workflow of which only the registered definition is at hand; the input is checked against
   * its JSON Schema.
   */
  async startDefinition(
    definition: WorkflowDefinition,
    input: unknown,
    options: StartOptions = {},
  ): Promise<StartedExecution> {
    return await this.#start(definition, await checkInput(definition, input), options)
  }

  /**
   * Carries out an operator's order. Who gave it, why, and what it changed are on record with the change itself.
   *
   * @returns the execution as it is afterwards
   * @throws TrailError `reason_required` without an actor or a reason, or without the second person that
   *   `secondPersonFor` demands; `order_refused` when there is no such order, or the execution or step is in no state
   *   for it; `adjustment_refused`, `step_not_found`, `execution_not_found`, `invalid_output`. Nothing was changed then.
   */
  async act(executionId: string, order: OperatorOrder, by: OrderedBy): Promise<ExecutionView> {
    return await this.actOnce({ executionId, order, by })
  }

  /**
   * The same for an order that may come again, from any number of processes at once: `once` says under the execution's
   * lock whether it was carried out, and notes with it that it is.
   */
  async actOnce({ executionId, order, by }: GivenOrder, once?: Once): Promise<ExecutionView> {
    checkOrder(order)
    checkOrderedBy(order, by, this.#options.secondPersonFor ?? [])
    const context = { ...by, fits: (schema: Json, value: Json) => this.#decider.fits(schema, value) }
    const decision = await this.#decider.decideOne(
      requireExecutionId(executionId),
      (execution) => reportOfOrder(execution, order, context),
      once,
    )
    this.#waker.wakeFor([decision])
    return await getExecution(this.#database, executionId)
  }

  /** Why the last round of the clock failed in this process; null when it did not, or where it does not hold it. */
  get clockTrouble(): unknown {
    return this.#clock.trouble
  }

  /** One round of the clock, now. For tests and for programs that keep time by themselves. */
  async tick(): Promise<number> {
    return await this.#clock.tick()
  }

  /**
   * Resolves with the execution when it has ended.
   *
   * @throws TrailError `execution_not_found`; `worker_closed` when the runtime is closed before
   * @throws the signal's reason when it aborts before
   */
  async waitForEnd(executionId: string, signal?: AbortSignal): Promise<ExecutionView> {
    await this.untilEnded(executionId, signal)
    return await getExecution(this.#database, executionId)
  }

  /**
   * Resolves when the execution has ended, with its state: for who waits for many, since one statement looks for all
   * that are waited for.
   *
   * @throws TrailError `execution_not_found`; `worker_closed` when the runtime is closed before
   * @throws the signal's reason when it aborts before
   */
  async untilEnded(executionId: string, signal?: AbortSignal): Promise<ExecutionState> {
    const either = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal
    return await this.#ends.of(requireExecutionId(executionId), either)
  }

  /** Stops the clock and the listening. Workers and the database are closed by whoever opened them. */
  async close(): Promise<void> {
    this.#closing.abort(
      new TrailError('worker_closed', 'The saga runtime was closed while this was waiting.'),
    )
    this.#listener.close()
    await this.#clock.close()
    await this.#waker.idle()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** A definition never changes once it is registered, so each is registered once by a runtime. */
  async #register(definition: WorkflowDefinition): Promise<string> {
    const known = this.#registered.get(definition)
    if (known !== undefined) return known
    const [definitionHash] = await registerDefinitions(this.#database.query, [definition])
    if (definitionHash === undefined) throw new Error('registering a definition gave no hash')
    this.#decider.definitions.set(definitionHash, definition)
    this.#registered.set(definition, definitionHash)
    return definitionHash
  }

  async #start(
    definition: WorkflowDefinition,
    input: Json,
    options: StartOptions,
  ): Promise<StartedExecution> {
    checkStartOptions(options)
    const isKnown = this.#registered.has(definition)
    try {
      return await this.#startRegistered(definition, input, options)
    } catch (error) {
      // A database that was set back has no definition that was registered since.
      if (!isKnown || !lacksDefinition(error)) throw error
      this.#registered.delete(definition)
      return await this.#startRegistered(definition, input, options)
    }
  }

  async #startRegistered(
    definition: WorkflowDefinition,
    input: Json,
    options: StartOptions,
  ): Promise<StartedExecution> {
    const definitionHash = await this.#register(definition)
    const executionId = this.#executionId(this.#options.clock?.now() ?? Date.now())
    return await this.#starter.start({
      executionId,
      definition,
      definitionHash,
      input,
      idempotencyKey: options.idempotencyKey ?? null,
      correlationId: options.correlationId ?? null,
      actor: options.actor ?? null,
      givenActor: options.givenActor,
      tenant: options.tenant ?? 'default',
    })
  }
}

const lacksDefinition = (error: unknown): boolean =>
  error instanceof Error && 'constraint' in error && error.constraint === definitionConstraint

const definitionConstraint = 'an_execution_has_a_registered_definition'

/** Opens a saga runtime on a migrated database. Throws `invalid_configuration` for an option that is unknown or wrong. */
export async function createSaga(database: Database, options: SagaOptions = {}): Promise<Saga> {
  const saga = new Saga(database, options)
  await saga.open()
  return saga
}

function reportTrouble(message: string, cause: unknown): void {
  process.stderr.write(`steptrail: ${message}: ${cause instanceof Error ? cause.message : String(cause)}\n`)
}
