import {
  adjustmentSchema,
  claimRequestSchema,
  claimsSchema,
  heardWorkerSchema,
  heartbeatAnswerSchema,
  heartbeatSchema,
  releaseSchema,
  reportAnswerSchema,
  reportSchema,
  uuidParameter,
  workerSchema,
} from '@steptrail/client/messages'
import type { AdjustmentRequest, Dispatch, Result } from '@steptrail/workflow'
import { z } from 'zod'
import type { Principal } from '../access/principal.ts'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'
import { givenDefinition } from './given-definition.ts'
import { waitEndpoint, type WaitForWork, waitingFor } from './wait.ts'

const about = { tag: 'engine', scope: 'engine' } as const
const heard = { schema: heardWorkerSchema, description: 'It was heard.' }
const params = z.strictObject({ worker: uuidParameter })

/** What workers do without access to the database: the methods of `Dispatch`, each of which may be repeated. */
export function engineEndpoints(services: Services): readonly Endpoint[] {
  const { saga } = services
  const wait = waitingFor(services)
  const dispatchOf = ({ tenant }: Principal): Dispatch =>
    tenant === null ? saga.dispatch : saga.dispatchOf(tenant)
  return [
    ...workerEndpoints(dispatchOf),
    claimEndpoint(dispatchOf, { wait, closing: services.closing }),
    ...attemptEndpoints(dispatchOf),
    waitEndpoint(wait),
  ]
}

type DispatchOf = (principal: Principal) => Dispatch

const workerEndpoints = (dispatchOf: DispatchOf): readonly Endpoint[] => [
  defineEndpoint({
    ...about,
    method: 'post',
    path: '/api/v1/engine/workers',
    summary: 'Register a worker',
    description: 'With the steps that it implements, and the definitions of their workflows.',
    body: workerSchema,
    answer: heard,
    handle: async ({ body, principal }) => {
      await dispatchOf(principal).register({ ...body, definitions: body.definitions.map(givenDefinition) })
      return { workerUuid: body.workerUuid }
    },
  }),
  defineEndpoint({
    ...about,
    method: 'post',
    path: '/api/v1/engine/workers/{worker}/heartbeat',
    summary: 'Renew the lease of a worker',
    description: 'The answer names what of what it holds it is to abort, and how long the rest may take.',
    params,
    body: heartbeatSchema,
    answer: {
      schema: heartbeatAnswerSchema,
      description: 'What becomes of what it holds.',
      also: { 404: 'No such worker is registered, or not any more: it has to register again.' },
    },
    handle: async ({ params: { worker }, body, principal }) =>
      await dispatchOf(principal).heartbeat(worker, body.held),
  }),
  defineEndpoint({
    ...about,
    method: 'delete',
    path: '/api/v1/engine/workers/{worker}',
    summary: 'End the lease of a worker that holds nothing any more',
    params,
    answer: heard,
    handle: async ({ params: { worker }, principal }) => {
      await dispatchOf(principal).unregister(worker)
      return { workerUuid: worker }
    },
  }),
]

const claimEndpoint = (
  dispatchOf: DispatchOf,
  { wait, closing }: { readonly wait: WaitForWork; readonly closing: AbortSignal },
): Endpoint =>
  defineEndpoint({
    ...about,
    method: 'post',
    path: '/api/v1/engine/workers/{worker}/claims',
    summary: 'Claim due steps for a worker',
    description:
      'Of those that it implements. None when nothing is due, at once or after the wait that is asked for, and when ' +
      'the lease of the worker has run out.',
    params,
    body: claimRequestSchema,
    answer: { schema: claimsSchema, description: 'What was claimed, the oldest first.' },
    handle: async ({ params: { worker }, body, principal, signal, confirm }) => {
      const { limit, waitMs = 0, service = '' } = body
      const endMs = performance.now() + waitMs
      for (;;) {
        // Who has hung up is given nothing, which would have to be found lost first.
        const claims = signal.aborted ? [] : await dispatchOf(principal).claim(worker, limit)
        const leftMs = Math.ceil(endMs - performance.now())
        if (claims.length > 0 || leftMs <= 0 || signal.aborted || closing.aborted) return { claims }
        await wait({ principal, service, signal }, leftMs)
        // Who may no longer could not report what it was given.
        await confirm()
      }
    },
  })

const attemptEndpoints = (dispatchOf: DispatchOf): readonly Endpoint[] => [
  defineEndpoint({
    ...about,
    method: 'post',
    path: '/api/v1/engine/workers/{worker}/releases',
    summary: 'Give attempts back',
    description: 'They are not counted, and may be claimed by another at once.',
    params,
    body: releaseSchema,
    answer: heard,
    handle: async ({ params: { worker }, body, principal }) => {
      await dispatchOf(principal).release(worker, body.released)
      return { workerUuid: worker }
    },
  }),
  defineEndpoint({
    ...about,
    method: 'post',
    path: '/api/v1/engine/results',
    summary: 'Report results of attempts',
    description:
      'What follows from them is decided with it. A result of an attempt that is no longer held changes nothing and ' +
      'is on record. Results without an outcome are to be reported again.',
    body: reportSchema,
    // A result that were refused would be reported again for ever.
    takesDeep: true,
    answer: { schema: reportAnswerSchema, description: 'What became of each, and what was claimed with it.' },
    handle: async ({ body, principal }) => ({
      outcomes: await dispatchOf(principal).report(body.results as readonly Result[], body.room),
    }),
  }),
  defineEndpoint({
    ...about,
    method: 'post',
    path: '/api/v1/engine/adjustments',
    summary: 'Adjust a step on behalf of a handler that holds an attempt',
    body: adjustmentSchema,
    answer: heard,
    handle: async ({ body, principal }) => {
      await dispatchOf(principal).adjust(body as AdjustmentRequest)
      return { workerUuid: body.workerUuid }
    },
  }),
]
