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
import { entityTypes } from '@steptrail/event'
import { z } from 'zod'
import { actorOf, type Principal } from '../access/principal.ts'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'

const reason = z.string().min(1)
const name = z.string().min(1).optional()
const policySchema = z.strictObject({
  match: z.strictObject({
    workflow: name,
    tenant: name,
    entityType: z.enum(entityTypes).optional(),
    eventType: name,
  }),
  keepDays: z.int().min(1).max(36_500),
})
const holdMatchSchema = z.strictObject({
  executionId: name,
  correlationId: name,
  workflow: name,
  actor: name,
  from: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
  tenant: name,
})
const anything = z.looseObject({})

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
    answer: { schema: z.strictObject({ policies: z.array(policySchema) }), description: 'Every policy.' },
    handle: async () => ({ policies: await listRetentionPolicies(database) }),
  }),
  defineEndpoint({
    method: 'post',
    path: '/api/v1/retention/policies',
    tag: 'retention',
    scope: 'admin',
    summary: 'Set for how long what matches is kept',
    body: policySchema.extend({ reason }),
    answer: { schema: policySchema, description: 'It holds from the next run on.' },
    handle: async ({ body: { reason: why, ...policy }, principal }) => {
      await setRetentionPolicy(database, policy, givenBy(principal, why))
      return policy
    },
  }),
  defineEndpoint({
    method: 'get',
    path: '/api/v1/retention/plan',
    tag: 'retention',
    scope: 'admin',
    summary: 'Show what a run would let go of now',
    answer: { schema: anything, description: 'A dry run.' },
    handle: async () => ({ ...(await planRetention(database)) }),
  }),
  defineEndpoint({
    method: 'get',
    path: '/api/v1/retention/runs',
    tag: 'retention',
    scope: 'admin',
    summary: 'List the last runs of retention',
    answer: { schema: z.strictObject({ runs: z.array(anything) }), description: 'The last one first.' },
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
      schema: z.strictObject({ holds: z.array(anything) }),
      description: 'The last one first, those that were released among them.',
    },
    handle: async () => ({ holds: (await listHolds(database)).map((hold) => ({ ...hold })) }),
  }),
  defineEndpoint({
    method: 'post',
    path: '/api/v1/retention/holds',
    tag: 'retention',
    scope: 'admin',
    summary: 'Order that what matches is not deleted',
    body: z.strictObject({ match: holdMatchSchema, reason }),
    answer: { status: 201, schema: z.strictObject({ holdId: z.string() }), description: 'It is held.' },
    handle: async ({ body, principal }) => ({
      holdId: await placeHold(database, body.match, givenBy(principal, body.reason)),
    }),
  }),
  defineEndpoint({
    method: 'post',
    path: '/api/v1/retention/holds/{id}/release',
    tag: 'retention',
    scope: 'admin',
    summary: 'Release a hold',
    params: z.strictObject({ id: z.string() }),
    body: z.strictObject({ reason }),
    answer: { schema: z.strictObject({ holdId: z.string() }), description: 'It is released.' },
    handle: async ({ params, body, principal }) => {
      await releaseHold(database, params.id, givenBy(principal, body.reason))
      return { holdId: params.id }
    },
  }),
]
