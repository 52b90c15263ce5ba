import { startedSchema, startSchema } from '@steptrail/client/messages'
import { getDefinition } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import type { StartOptions } from '@steptrail/saga'
import type { Principal } from '../access/principal.ts'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import { idempotencyKeyOf } from '../endpoint/idempotency-key.ts'
import type { Services } from '../services.ts'
import { actorOfRequest } from './given-actor.ts'

/** `POST /api/v1/executions`. */
export const startExecutionEndpoint = ({ database, saga }: Services): Endpoint =>
  defineEndpoint({
    method: 'post',
    path: '/api/v1/executions',
    tag: 'executions',
    scope: 'operate',
    repeats: 'handled',
    summary: 'Start an execution of a workflow',
    description:
      'With the header Idempotency-Key a further request for the workflow gives the execution of the first in its ' +
      'tenant, also with another input. Workers perform the steps; they register their workflows when they start.',
    body: startSchema,
    answer: {
      schema: startedSchema,
      status: 201,
      description: 'The execution that was started.',
      also: { 200: 'It had been started before.' },
    },
    handle: async ({ body, principal, request }) => {
      const { workflow: name, version } = body
      const namesOthers = principal.tenant === null
      const definition = await getDefinition(database.query, { name, version, namesOthers })
      const { executionId, created } = await saga.startDefinition(definition, body.input ?? null, {
        ...whoAndWhere(principal, body),
        ...(body.correlationId !== undefined && { correlationId: body.correlationId }),
        ...idempotencyKeyOf(request),
      })
      const headers = { location: `/api/v1/executions/${executionId}` }
      return Response.json({ executionId, created }, { status: created ? 201 : 200, headers })
    },
  })

function whoAndWhere(
  principal: Principal,
  {
    actor: named,
    tenant = principal.tenant,
  }: Pick<ReturnType<typeof startSchema.parse>, 'actor'> & {
    readonly tenant?: string | null | undefined
  },
): StartOptions {
  if (principal.tenant !== null && tenant !== principal.tenant)
    throw new TrailError(
      'access_denied',
      `the execution is not started: tenant ${JSON.stringify(tenant)} is not that of the key; leave it out`,
    )
  const { actor, givenActor } = actorOfRequest(principal, named)
  return { ...(actor && { actor }), givenActor, ...(tenant !== null && { tenant }) }
}
