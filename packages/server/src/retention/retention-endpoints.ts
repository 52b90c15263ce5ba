import {
  holdIdSchema,
  holdListSchema,
  holdReleaseSchema,
  newHoldSchema,
  newRetentionPolicySchema,
  retentionPlanSchema,
  retentionPolicyListSchema,
  retentionPolicySchema,
  retentionRunListSchema,
} from '@steptrail/client/messages'
import {
  type GivenBy,
  listHolds,
  listRetentionPolicies,
  listRetentionRuns,
  placeHold,
  planRetention,
  releaseHold,
  setRetentionPolicy,
} from '@steptrail/core'
import { z } from 'zod'
import { actorOf, type Principal } from '../access/principal.ts'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'

const givenBy = (principal: Principal, given: string): GivenBy => ({
  actor: actorOf(principal),
  reason: given,
})

/** Policies, holds and runs of retention. */
export const retentionEndpoints = ({ database }: Services): readonly Endpoint[] => [
  defineEndpoint({
    method: 'get',
    path: '/api/v1/retention/policies',
    tag: 'retention',
    scope: 'admin',
    summary: 'List for how long what is kept',
    answer: { schema: retentionPolicyListSchema, description: 'Every policy.' },
    handle: async () => ({ policies: await listRetentionPolicies(database) }),
  }),
  defineEndpoint({
    method: 'post',
    path: '/api/v1/retention/policies',
    tag: 'retention',
    scope: 'admin',
    repeats: 'noted',
    summary: 'Set for how long what matches is kept',
    body: newRetentionPolicySchema,
    answer: { schema: retentionPolicySchema, description: 'It holds from the next run on.' },
    handle: async ({ body: { reason: why, ...policy }, principal, writer }) => {
      await setRetentionPolicy(writer, policy, givenBy(principal, why))
      return policy
    },
  }),
  defineEndpoint({
    method: 'get',
    path: '/api/v1/retention/plan',
    tag: 'retention',
    scope: 'admin',
    summary: 'Show what a run would let go of now',
    answer: { schema: retentionPlanSchema, description: 'A dry run.' },
    handle: async () => ({ ...(await planRetention(database)) }),
  }),
  defineEndpoint({
    method: 'get',
    path: '/api/v1/retention/runs',
    tag: 'retention',
    scope: 'admin',
    summary: 'List the last runs of retention',
    answer: { schema: retentionRunListSchema, description: 'The last one first.' },
    handle: async () => ({ runs: (await listRetentionRuns(database)).map((run) => ({ ...run })) }),
  }),
  ...holdEndpoints(database),
]

const holdEndpoints = (database: Services['database']): readonly Endpoint[] => [
  defineEndpoint({
    method: 'get',
    path: '/api/v1/retention/holds',
    tag: 'retention',
    scope: 'admin',
    summary: 'List holds',
    answer: {
      schema: holdListSchema,
      description: 'The last one first, those that were released among them.',
    },
    handle: async () => ({ holds: (await listHolds(database)).map((hold) => ({ ...hold })) }),
  }),
  defineEndpoint({
    method: 'post',
    path: '/api/v1/retention/holds',
    tag: 'retention',
    scope: 'admin',
    repeats: 'noted',
    summary: 'Order that what matches is not deleted',
    body: newHoldSchema,
    answer: { status: 201, schema: holdIdSchema, description: 'It is held.' },
    handle: async ({ body, principal, writer }) => ({
      holdId: await placeHold(writer, body.match, givenBy(principal, body.reason)),
    }),
  }),
  defineEndpoint({
    method: 'post',
    path: '/api/v1/retention/holds/{id}/release',
    tag: 'retention',
    scope: 'admin',
    repeats: 'noted',
    summary: 'Release a hold',
    params: z.strictObject({ id: z.string() }),
    body: holdReleaseSchema,
    answer: { schema: holdIdSchema, description: 'It is released.' },
    handle: async ({ params, body, principal, writer }) => {
      await releaseHold(writer, params.id, givenBy(principal, body.reason))
      return { holdId: params.id }
    },
  }),
]
