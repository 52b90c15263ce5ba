import { type Database, type Reader, sha256 } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import type { Recorder } from '@steptrail/recorder'
import { canonicalJson } from '@steptrail/verify'
import type { z } from 'zod'
import { type ParameterSchema, ParameterSchemas } from '../content/parameter-schema.ts'
import { isOffered, reasonsLeftOut, type Situation } from '../match/match-workflow.ts'
import { sentencesOf } from '../match/reason-sentence.ts'
import {
  foldedContext,
  isWithoutContext,
  recordedContext,
  type SignalContext,
} from '../match/signal-context.ts'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'
import { type CatalogSnapshot, CatalogSnapshots } from '../snapshot/catalog-snapshot.ts'
import {
  type ActionList,
  pageOf,
  paginationJson,
  type SelectionValidation,
  type WorkflowDetails,
  type WorkflowList,
} from './answers.ts'
import { candidatesJson, considered } from './candidates.ts'
import {
  discoverySchemas,
  type GetWorkflowRequest,
  type ListWorkflowsRequest,
  type PagedRequest,
  parsedRequest,
  type ValidateSelectionRequest,
} from './discovery-request.ts'
import { type AnsweredCall, type Caller, selectionEvent } from './selection-event.ts'
import { parameterNames, validateParameters } from './validate-parameters.ts'

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
    const counts = new Map<string, number>()
    for (const group of snapshot.groups)
      if (isOffered(group.workflow, situation))
        for (const [actionType, count] of group.counts)
          counts.set(actionType, (counts.get(actionType) ?? 0) + count)
    const offered = [...snapshot.actionTypes.values()].filter(({ actionType }) => counts.has(actionType))
    const { page, pagination } = pageOf(offered, given)
    this.#record(call, {
      operation: 'actions_listed',
      succeeded: true,
      resourceId: '*',
      payload: {
        signalContext: recordedContext(given.context),
        resultCount: page.length,
        actionTypes: page.map(({ actionType }) => actionType),
        pagination: paginationJson(pagination),
      },
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
    const ofType = snapshot.byActionType.get(actionType) ?? []
    const candidates = considered(ofType, situation, snapshot.weights.weights)
    const { page, pagination } = pageOf(candidates.offered, given)
    this.#record(call, {
      operation: 'workflows_listed',
      succeeded: true,
      resourceId: actionType,
      payload: {
        actionType,
        signalContext: recordedContext(context),
        resultCount: page.length,
        workflows: page.map(({ workflow: { workflowId, workflowName, version }, scoring }) => ({
          workflowId,
          workflowName,
          version,
          finalScore: scoring.confidence,
        })),
        pagination: paginationJson(pagination),
        ...candidatesJson(candidates),
        weightsVersion: snapshot.weights.version,
      },
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
    const { remediationId, context } = call.given
    const gate = await this.#gate(call)
    this.#record(call, {
      operation: 'workflow_retrieved',
      succeeded: gate.passes,
      workflow: gate.workflow,
      resourceId: call.given.workflowId,
      reason: gate.reason,
      payload: {
        ...identityOf(call.given.workflowId, gate.workflow),
        securityGateResult: gate.passes ? 'pass' : 'fail',
        signalContext: recordedContext(context),
        parameterCount: gate.workflow ? parameterNames(gate.parameters).length : null,
        contentHash: gate.workflow?.contentHash ?? null,
      },
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
    const isValid = validation !== null && validation.validationErrors.length === 0
    const validationResult = isValid ? 'valid' : 'invalid'
    this.#record(call, {
      operation: 'selection_validated',
      succeeded: isValid,
      workflow: gate.workflow,
      resourceId: workflowId,
      reason: gate.reason ?? (isValid ? null : 'The parameters are not valid.'),
      payload: {
        ...identityOf(workflowId, gate.workflow),
        validationResult,
        parameterValidation: validation && {
          ...validation,
          validationErrors: validation.validationErrors.map((error) => ({ ...error })),
        },
        securityGateResult: gate.passes ? 'pass' : 'fail',
        signalContext: recordedContext(context),
        parametersDigest: gate.passes ? sha256(canonicalJson(parameters)) : null,
        contentHash: gate.workflow?.contentHash ?? null,
      },
    })
    if (!gate.passes || !validation) throw notAvailable()
    const { workflowName, actionType, version } = gate.workflow
    const id = gate.workflow.workflowId
    return {
      remediationId,
      workflowId: id,
      workflowName,
      actionType,
      version,
      validationResult,
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

  /** Whether the workflow may be used. The parameters are read in any case, so that the time of an answer tells nothing. */
  async #gate({ given, snapshot, situation, caller }: BegunCall<GivenWorkflow>): Promise<Gate> {
    const workflow = snapshot.byId.get(given.workflowId.toLowerCase())
    const { query } = caller.reader ?? this.#options.database
    const { rows } = await query<{ parameters: ParameterSchema }>(selectParameters, [
      caller.tenant,
      workflow?.workflowId ?? null,
    ])
    const parameters = rows[0]?.parameters
    if (!workflow || !parameters)
      return { passes: false, workflow: null, reason: 'There is no workflow of this id in the catalogue.' }
    const reasons = reasonsLeftOut(workflow, situation)
    if (reasons.length === 0) return { passes: true, workflow, parameters, reason: null }
    return { passes: false, workflow, parameters, reason: sentencesOf(reasons) }
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

/** What the security gate found. */
type Gate =
  | {
      readonly passes: true
      readonly workflow: CatalogWorkflow
      readonly parameters: ParameterSchema
      readonly reason: null
    }
  | { readonly passes: false; readonly workflow: null; readonly reason: string }
  | {
      readonly passes: false
      readonly workflow: CatalogWorkflow
      readonly parameters: ParameterSchema
      readonly reason: string
    }

const offeredOf = ({ workflowId, workflowName, version, title, description }: CatalogWorkflow) => ({
  workflowId,
  workflowName,
  version,
  title,
  description,
})

/** The workflow as events name it: of an id that does not exist, nothing but the id is known. */
const identityOf = (workflowId: string, workflow: CatalogWorkflow | null) => ({
  workflowId: workflow?.workflowId ?? workflowId,
  workflowName: workflow?.workflowName ?? null,
  actionType: workflow?.actionType ?? null,
  version: workflow?.version ?? null,
})

const noteOn = (context: SignalContext): string | null =>
  isWithoutContext(context)
    ? 'Nothing was said of the situation, so nothing fits it: give severity, component, environment and priority.'
    : null

/** One error for all: who looks for what it may not use learns nothing. */
const notAvailable = (): TrailError =>
  new TrailError('workflow_not_available', 'there is no such workflow for this situation', {
    details: { instance: '/api/v1/workflows/{workflow_id}' },
  })

const selectParameters = {
  name: 'catalog parameters',
  text: `
select parameters
from workflow_catalog
where tenant = $1
  and workflow_id = $2::uuid`,
}
