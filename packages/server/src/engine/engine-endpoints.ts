import {
  abortedSchema,
  adjustSchema,
  claimRequestSchema,
  claimsSchema,
  doneSchema,
  heldSchema,
  outcomesSchema,
  registrationSchema,
  releaseSchema,
  reportSchema,
  uuidParameter,
  waitQuerySchema,
} from '@steptrail/client/messages'
import { TrailError } from '@steptrail/event'
import { checkDefinition, type Result, storedJson, workflowLimits } from '@steptrail/workflow'
import { z } from 'zod'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'
import { Slots } from '../slots.ts'

const worker = '/api/v1/engine/workers/{worker}'
const byWorker = z.strictObject({ worker: uuidParameter })
const ofEngine = { tag: 'engine', scope: 'engine' } as const
const done = { schema: doneSchema, description: 'Done.' } as const

/** Workers that cannot reach the database: the port `Dispatch`, method by method. Each may be asked again after a lost reply. */
export function engineEndpoints(services: Services): readonly Endpoint[] {
  const { dispatch } = services.saga
  const waits = new Slots(services.settings.waits, 'waiting workers')
  const waiting = async (service: string, timeoutMs: number, signal: AbortSignal): Promise<void> =>
    waits.hold(() => dispatch.waitForWork(service, timeoutMs, AbortSignal.any([signal, services.closing])))
  return [
    defineEndpoint({
      ...ofEngine,
      method: 'post',
      path: '/api/v1/engine/workers',
      summary: 'Register a worker',
      description: 'Starts its lease. A definition that differs from the registered one is refused.',
      body: registrationSchema,
      answer: done,
      handle: async ({ body }) => {
        for (const definition of body.definitions) checkDefinition(definition)
        await dispatch.register(body)
        return {}
      },
    }),
    defineEndpoint({
      ...ofEngine,
      method: 'post',
      path: `${worker}/claims`,
      summary: 'Claim due steps that the worker implements',
      params: byWorker,
      body: claimRequestSchema,
      answer: {
        schema: claimsSchema,
        description: 'What it holds from now on; nothing when nothing was due.',
      },
      handle: async ({ params, body, signal }) => {
        const { limit, waitMs = 0, service } = body
        const until = performance.now() + waitMs
        for (;;) {
          // Who has hung up is given nothing: it would have to be lost first.
          const claims = signal.aborted ? [] : await dispatch.claim(params.worker, limit)
          const leftMs = Math.ceil(until - performance.now())
          const isOver = claims.length > 0 || leftMs <= 0 || signal.aborted || services.closing.aborted
          if (isOver || service === undefined) return { claims }
          await waiting(service, leftMs, signal)
        }
      },
    }),
    defineEndpoint({
      ...ofEngine,
      method: 'post',
      path: `${worker}/heartbeat`,
      summary: 'Renew the lease of a worker',
      params: byWorker,
      body: heldSchema,
      answer: { schema: abortedSchema, description: 'Those of the attempts that it is to abort.' },
      handle: async ({ params, body }) => ({ aborted: await dispatch.heartbeat(params.worker, body.held) }),
    }),
    defineEndpoint({
      ...ofEngine,
      method: 'post',
      path: `${worker}/results`,
      summary: 'Report results, and decide what follows',
      params: byWorker,
      body: reportSchema,
      answer: {
        schema: outcomesSchema,
        description: 'What became of them; report again those that are missing.',
      },
      handle: async ({ params, body }) => {
        const { results, room = 0 } = body
        for (const result of results) checkResult(result, params.worker)
        return { outcomes: await dispatch.report(results as readonly Result[], room) }
      },
    }),
    defineEndpoint({
      ...ofEngine,
      method: 'post',
      path: `${worker}/adjustments`,
      summary: 'Adjust a step on behalf of a handler',
      params: byWorker,
      body: adjustSchema,
      answer: done,
      handle: async ({ params, body }) => {
        const { adjustment, ...held } = body
        await dispatch.adjust({ ...held, workerUuid: params.worker, adjustment: adjustment as never })
        return {}
      },
    }),
    defineEndpoint({
      ...ofEngine,
      method: 'post',
      path: `${worker}/releases`,
      summary: 'Give attempts back',
      params: byWorker,
      body: releaseSchema,
      answer: done,
      handle: async ({ params, body }) => {
        await dispatch.release(params.worker, body.released)
        return {}
      },
    }),
    defineEndpoint({
      ...ofEngine,
      method: 'delete',
      path: worker,
      summary: 'End the lease of a worker that holds nothing any more',
      params: byWorker,
      answer: done,
      handle: async ({ params }) => {
        await dispatch.unregister(params.worker)
        return {}
      },
    }),
    defineEndpoint({
      ...ofEngine,
      method: 'get',
      path: '/api/v1/engine/work',
      summary: 'Wait until there may be work for a service',
      query: waitQuerySchema,
      answer: { schema: doneSchema, description: 'There may be, or the time is over.' },
      handle: async ({ query, signal }) => {
        await waiting(query.service, query.timeout_ms, signal)
        return {}
      },
    }),
  ]
}

type GivenResult = z.output<typeof reportSchema>['results'][number]

/** A worker reports what it did itself, and no more than a step may yield. */
function checkResult(result: GivenResult, workerUuid: string): void {
  if (result.workerUuid !== workerUuid)
    throw refused('workerUuid', `results.workerUuid is ${result.workerUuid}, and the worker is ${workerUuid}`)
  if (!result.success) return
  const stored = storedJson(result.output, workflowLimits.outputBytes)
  if (!stored.ok)
    throw refused('results.output', `the output of step ${result.stepId} is refused: ${stored.problem}`)
}

const refused = (parameter: string, problem: string): TrailError =>
  new TrailError('invalid_input', `${problem}: correct it; nothing was reported`, { details: { parameter } })
