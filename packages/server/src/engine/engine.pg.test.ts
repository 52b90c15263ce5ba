import { createTrail } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { asked, type Asking } from '../../test/asking.ts'
import { shop } from '../../test/shop.ts'
import { createServer, type Server } from '../index.ts'

const worker = '019a4f0c-5c7b-7000-8000-000000000001'
const path = `/api/v1/engine/workers/${worker}`
const { definition } = shop
const registration = {
  workerUuid: worker,
  service: 'shop-service',
  implements: definition.steps.map(({ name }) => ({
    workflowName: 'shop',
    workflowVersion: '1',
    stepName: name,
  })),
  definitions: [definition],
  leaseMs: 30_000,
  host: 'elsewhere',
  pid: 1,
  version: null,
}

let server: Server
let ask: Asking
beforeAll(async () => {
  server = await createServer({ trail: createTrail(await openTestDatabase('postgres')), waits: 1 })
  ask = asked(server)
})
afterAll(() => server.close())

const start = async () => {
  const { body } = await ask.post('/api/v1/executions', { workflow: 'shop', input: { card: 'visa' } })
  return body.executionId as string
}
const claim = async (request: object) => (await ask.post(`${path}/claims`, request)).body.claims
const heldOf = ({ stepId, attemptToken }: Record<string, string>) => ({ stepId, attemptToken })

it('lets a worker do a whole execution, and tells what follows with each report', async () => {
  expect((await ask.post('/api/v1/engine/workers', registration)).status).toBe(200)
  const executionId = await start()
  const [charge] = await claim({ limit: 5 })
  expect(charge).toMatchObject({
    executionId,
    stepName: 'charge',
    attempt: 1,
    input: { card: 'visa' },
    undoing: null,
  })
  const held = { held: [heldOf(charge), { stepId: worker, attemptToken: worker }] }
  expect((await ask.post(`${path}/heartbeat`, held)).body.lost).toEqual([
    { stepId: worker, attemptToken: worker },
  ])
  const result = {
    ...heldOf(charge),
    executionId,
    attempt: 1,
    workerUuid: worker,
    executionTimeMs: 3,
    success: true,
  }
  const reported = await ask.post('/api/v1/engine/results', {
    results: [{ ...result, output: { receipt: 'r' } }],
    room: 1,
  })
  const [outcome] = reported.body.outcomes
  expect(outcome).toMatchObject({
    outcome: 'accepted',
    next: [{ stepName: 'ship', outputs: { charge: { receipt: 'r' } } }],
  })
  const again = await ask.post('/api/v1/engine/results', {
    results: [{ ...result, output: { receipt: 'other' } }],
  })
  expect(again.body.outcomes).toMatchObject([{ outcome: 'rejected' }])
  const shipped = { ...result, ...heldOf(outcome.next[0]), output: {} }
  await ask.post('/api/v1/engine/results', { results: [shipped] })
  expect((await ask.get(`/api/v1/executions/${executionId}`)).body.status).toBe('completed')
})

it('waits for work, and gives it when it comes', async () => {
  const waiting = claim({ limit: 1, waitMs: 20_000, service: 'shop-service' })
  const executionId = await start()
  const [charge] = await waiting
  expect(charge.executionId).toBe(executionId)
  const released = { released: [{ ...heldOf(charge), hasBegun: false }] }
  expect((await ask.post(`${path}/releases`, released)).status).toBe(200)
  expect((await ask.get('/api/v1/engine/work?service=nothing&timeout_ms=1')).status).toBe(200)
})

it('has workers wait in numbers', async () => {
  const wait = '/api/v1/engine/work?service=quiet&timeout_ms=30000'
  const hangingUp = new AbortController()
  const waiting = () => server.fetch(new Request(`http://localhost${wait}`, { signal: hangingUp.signal }))
  const both = [waiting(), waiting()]
  expect((await Promise.race(both)).status).toBe(503)
  hangingUp.abort()
  expect((await Promise.all(both)).map(({ status }) => status).toSorted()).toEqual([200, 503])
})

it('refuses a wait that names no service, and takes ids in either case', async () => {
  const answer = await ask.post(`${path}/claims`, { limit: 1, waitMs: 5 })
  expect({ status: answer.status, parameter: answer.body.parameter }).toEqual({
    status: 400,
    parameter: 'service',
  })
  await start()
  const [charge] = await claim({ limit: 1 })
  const { executionId } = charge
  const held = { stepId: charge.stepId.toUpperCase(), attemptToken: charge.attemptToken.toUpperCase() }
  expect((await ask.post(`${path}/heartbeat`, { held: [held] })).body.lost).toEqual([])
  const result = {
    executionId,
    attempt: 1,
    workerUuid: worker,
    executionTimeMs: 3,
    success: true,
    output: {},
  }
  const reported = await ask.post('/api/v1/engine/results', { results: [{ ...held, ...result }] })
  expect(reported.body.outcomes).toMatchObject([{ outcome: 'accepted' }])
  expect((await ask.send(path, { method: 'DELETE' })).status).toBe(200)
})
