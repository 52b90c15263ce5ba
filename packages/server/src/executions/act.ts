import {
  executionActionSchema,
  executionSchema,
  stepActionSchema,
  uuidParameter,
} from '@steptrail/client/messages'
import { type Database, type ExecutionView, getExecution } from '@steptrail/core'
import { type Actor, eventLimits, isUuid, TrailError } from '@steptrail/event'
import type { GivenOrder, OperatorOrder, OrderedBy, StepName } from '@steptrail/saga'
import { z } from 'zod'
import type { Principal } from '../access/principal.ts'
import { type Call, defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import { begunRequest, isNoted, orderedOnce } from '../endpoint/repeatable-request.ts'
import type { Services } from '../services.ts'
import { actorOfRequest } from './given-actor.ts'

const answer = { schema: executionSchema, description: 'The execution as it is afterwards.' }

/** Orders of operators, to an execution and to a step of it. */
export const actionEndpoints = (services: Services): readonly Endpoint[] => [
  defineEndpoint({
    method: 'post',
    path: '/api/v1/executions/{id}/actions',
    tag: 'executions',
    scope: 'operate',
    repeats: 'handled',
    summary: 'Intervene in an execution',
    description: 'Who did it, why, and what it changed stay on record.',
    params: z.strictObject({ id: uuidParameter }),
    body: executionActionSchema,
    answer,
    handle: async (call) => {
      const { params, body, principal, reader } = call
      await getExecution(reader, params.id)
      const { reason, actor, approvedBy, ...order } = body
      return await actOnce(services, call, { order, by: orderedBy(principal, { reason, actor, approvedBy }) })
    },
  }),
  defineEndpoint({
    method: 'post',
    path: '/api/v1/executions/{id}/steps/{step}/actions',
    tag: 'executions',
    scope: 'operate',
    repeats: 'handled',
    summary: 'Intervene in a step of an execution',
    description: 'The step by its name or its id. Who did it, why, and what it changed stay on record.',
    params: z.strictObject({ id: uuidParameter, step: z.string().min(1).max(eventLimits.nameLength) }),
    body: stepActionSchema,
    answer,
    handle: async (call) => {
      const { params, body, principal, reader } = call
      const { reason, actor, approvedBy, ...given } = body
      const order = { ...given, ...(await stepNamed(reader, params.id, params.step)) } as OperatorOrder
      return await actOnce(services, call, { order, by: orderedBy(principal, { reason, actor, approvedBy }) })
    },
  }),
]

/** Carries an order out; one that comes again with its Idempotency-Key is not carried out twice. */
async function actOnce(
  services: Services,
  call: Call<unknown, { readonly id: string }, unknown>,
  { order, by }: Omit<GivenOrder, 'executionId'>,
): Promise<ExecutionView> {
  const { request, principal, body, params, reader } = call
  const repeatable = await begunRequest(services, { request, principal, body: JSON.stringify(body) })
  if (repeatable && isNoted(repeatable.begun.answer)) return await getExecution(reader, params.id)
  const given = { executionId: params.id, order, by }
  return await services.saga.actOnce(given, repeatable && orderedOnce(repeatable))
}

/** By its id a step is a DO or an UNDO; by its name it is what the order says. */
async function stepNamed(reader: Database, executionId: string, step: string): Promise<StepName> {
  const execution = await getExecution(reader, executionId)
  if (!isUuid(step)) return { step }
  const found = execution.steps.find(({ stepId }) => stepId === step.toLowerCase())
  if (found) return { step: found.name, operation: found.operationType }
  throw stepNotFound(execution, step)
}

const stepNotFound = ({ executionId }: ExecutionView, step: string): TrailError =>
  new TrailError('step_not_found', `execution ${executionId} has no step ${step}: look at its steps first`, {
    details: { executionId, step },
  })

interface GivenBy {
  readonly reason: string
  readonly actor: Actor | undefined
  readonly approvedBy: Actor | undefined
}

function orderedBy(principal: Principal, { reason, actor: named, approvedBy }: GivenBy): OrderedBy {
  const { actor, givenActor } = actorOfRequest(principal, named)
  if (actor) return { actor, reason, approvedBy, givenActor }
  throw new TrailError(
    'reason_required',
    'the order is refused: say who gives it, as actor { type, id }. Nothing was changed.',
    { details: { parameter: 'actor' } },
  )
}
