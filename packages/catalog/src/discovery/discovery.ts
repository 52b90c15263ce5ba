import type { Database, Reader } from '@steptrail/core'
import type { Recorder } from '@steptrail/recorder'
import type { z } from 'zod'
import { ParameterSchemas } from '../content/parameter-schema.ts'
import type { Situation } from '../match/match-workflow.ts'
import { foldedContext, type SignalContext } from '../match/signal-context.ts'
import { type CatalogSnapshot, CatalogSnapshots } from '../snapshot/catalog-snapshot.ts'
import {
  type ActionList,
  namedOf,
  noteOn,
  offeredOf,
  pageOf,
  type SelectionValidation,
  type WorkflowDetails,
  type WorkflowList,
} from './answers.ts'
import { considered, offeredCounts } from './candidates.ts'
import {
  discoverySchemas,
  type GetWorkflowRequest,
  type ListWorkflowsRequest,
  type PagedRequest,
  parsedRequest,
  type ValidateSelectionRequest,
} from './discovery-request.ts'
import { type Gate, notAvailable, securityGate } from './security-gate.ts'
import { type AnsweredCall, type Caller, selectionEvent } from './selection-event.ts'
import {
  actionsPayload,
  isValid,
  retrievedPayload,
  validatedPayload,
  workflowsPayload,
} from './step-payloads.ts'
import { validateParameters } from './validate-parameters.ts'

/** What discovery works with. */
export interface DiscoveryOptions {
  readonly database: Database
  /** Writes the events in the background: an answer never waits for them. */
  readonly recorder: Pick<Recorder, 'record'>
  /** The service that events name. Default `data-storage`. */
  readonly serviceName?: string | undefined
  /** Milliseconds, for durations. Default: those of this process. */
  readonly now?: (() => number) | undefined
}

/** A caller, and through which eyes it reads. */
export interface DiscoveryCaller extends Caller {
  /** The database as the caller may see it. Default: the database itself. */
  readonly reader?: Reader | undefined
}

const parameterSchemas = new ParameterSchemas()

/**
 * Three steps from a situation to a workflow, and the check of what was chosen. Each call leaves one event, written by
 * this class and never by its caller. No answer holds a score.
 *
 * Every step checks everything: only active workflows whose labels fit the situation pass, and nothing does where the
 * caller says nothing of the situation.
 */
export class Discovery {
  readonly #options: DiscoveryOptions
  readonly #snapshots = new CatalogSnapshots()
  readonly #service: string
  readonly #now: () => number

  constructor(options: DiscoveryOptions) {
    this.#options = options
    this.#service = options.serviceName ?? 'data-storage'
    this.#now = options.now ?? (() => performance.now())
  }

  /** The catalogue of a tenant as it is now, in memory. */
  snapshot(caller: Pick<DiscoveryCaller, 'tenant' | 'reader'>): Promise<CatalogSnapshot> {
    return this.#snapshots.of(caller.reader ?? this.#options.database, caller.tenant)
  }

  /** Step 1: action types that at least one workflow offers in this situation, by name. Throws `invalid_input`. */
  async listActions(request: PagedRequest, caller: DiscoveryCaller): Promise<ActionList> {
    const call = await this.#begin(request, discoverySchemas.listActions, caller)
    const { situation, snapshot, given } = call
    const counts = offeredCounts(snapshot, situation)
    const offered = [...snapshot.actionTypes.values()].filter(({ actionType }) => counts.has(actionType))
    const { page, pagination } = pageOf(offered, given)
    this.#record(call, {
      operation: 'actions_listed',
      succeeded: true,
      resourceId: '*',
      payload: actionsPayload(given.context, page, pagination),
    })
    return {
      remediationId: given.remediationId,
      actionTypes: page.map(({ status: _, ...action }) => ({
        ...action,
        workflowCount: counts.get(action.actionType) ?? 0,
      })),
      pagination,
      note: noteOn(given.context),
    }
  }

  /** Step 2: the workflows of an action type that are offered in this situation, the best first. Throws `invalid_input`. */
  async listWorkflows(request: ListWorkflowsRequest, caller: DiscoveryCaller): Promise<WorkflowList> {
    const call = await this.#begin(request, discoverySchemas.listWorkflows, caller)
    const { situation, snapshot, given } = call
    const { remediationId, actionType, context } = given
    const { version: weightsVersion, weights } = snapshot.weights
    const candidates = considered(snapshot.byActionType.get(actionType) ?? [], situation, weights)
    const { page, pagination } = pageOf(candidates.offered, given)
    this.#record(call, {
      operation: 'workflows_listed',
      succeeded: true,
      resourceId: actionType,
      payload: workflowsPayload(actionType, context, { page, pagination, candidates, weightsVersion }),
    })
    const workflows = page.map(({ workflow }) => offeredOf(workflow))
    return { remediationId, actionType, workflows, pagination, note: noteOn(context) }
  }

  /**
   * Step 3: one workflow with the schema of its parameters.
   *
   * @throws TrailError `workflow_not_available`, the same whether it is not for this situation, not active, or not there;
   *   `invalid_input`
   */
  async getWorkflow(request: GetWorkflowRequest, caller: DiscoveryCaller): Promise<WorkflowDetails> {
    const call = await this.#begin(request, discoverySchemas.getWorkflow, caller)
    const { remediationId, context, workflowId } = call.given
    const gate = await this.#gate(call)
    this.#record(call, {
      operation: 'workflow_retrieved',
      succeeded: gate.passes,
      workflow: gate.workflow,
      resourceId: workflowId,
      reason: gate.reason,
      payload: retrievedPayload(workflowId, context, gate),
    })
    if (!gate.passes) throw notAvailable()
    const { actionType } = gate.workflow
    return { remediationId, actionType, ...offeredOf(gate.workflow), parameters: gate.parameters }
  }

  /** Step 4: whether what was chosen may be executed with these parameters. Throws as step 3 does. */
  async validateSelection(
    request: ValidateSelectionRequest,
    caller: DiscoveryCaller,
  ): Promise<SelectionValidation> {
    const call = await this.#begin(request, discoverySchemas.validateSelection, caller)
    const { remediationId, context, workflowId, parameters } = call.given
    const gate = await this.#gate(call)
    const validation = gate.passes
      ? validateParameters({ ...gate.workflow, parameters: gate.parameters }, parameters, parameterSchemas)
      : null
    const succeeded = isValid(validation)
    this.#record(call, {
      operation: 'selection_validated',
      succeeded,
      workflow: gate.workflow,
      resourceId: workflowId,
      reason: gate.reason ?? (succeeded ? null : 'The parameters are not valid.'),
      payload: validatedPayload({ workflowId, context, parameters, validation }, gate),
    })
    if (!gate.passes || !validation) throw notAvailable()
    return {
      remediationId,
      ...namedOf(gate.workflow),
      validationResult: succeeded ? 'valid' : 'invalid',
      parameterValidation: validation,
    }
  }

  async #begin<Schema extends z.ZodType<{ readonly remediationId: string; readonly context: SignalContext }>>(
    request: unknown,
    schema: Schema,
    caller: DiscoveryCaller,
  ): Promise<BegunCall<z.output<Schema>>> {
    const began = this.#now()
    const given = parsedRequest(request, schema)
    const snapshot = await this.snapshot(caller)
    const situation = { said: given.context, folded: foldedContext(given.context) }
    return { began, given, snapshot, situation, caller }
  }

  #gate({ given: { workflowId }, snapshot, situation, caller }: BegunCall<GivenWorkflow>): Promise<Gate> {
    const { tenant, reader = this.#options.database } = caller
    return securityGate({ workflowId, situation, snapshot, reader, tenant })
  }

  #record(
    { began, given: { remediationId }, caller }: BegunCall<{ readonly remediationId: string }>,
    call: Omit<AnsweredCall, 'remediationId' | 'durationMs'>,
  ): void {
    const durationMs = Math.round(this.#now() - began)
    const { actor, tenant } = caller
    this.#options.recorder.record(
      selectionEvent({ ...call, remediationId, durationMs }, { actor, tenant }, this.#service),
    )
  }
}

/** A call on its way. */
interface BegunCall<Given> {
  readonly began: number
  readonly given: Given
  readonly snapshot: CatalogSnapshot
  readonly situation: Situation
  readonly caller: DiscoveryCaller
}

interface GivenWorkflow {
  readonly remediationId: string
  readonly workflowId: string
}
