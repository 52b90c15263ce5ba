import { randomUUID } from 'node:crypto'
import { createTrail, type Database, getExecution } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { createServer, type Server } from '@steptrail/server'
import { describeOnBoth, openTestDatabase } from '@steptrail/testkit'
import type { Json } from '@steptrail/verify'
import { type Claim, createWorker, type Dispatch, FatalError, type Result } from '@steptrail/workflow'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { garage } from '../../test/garage.ts'
import { type Client, createClient } from '../client.ts'
import { createHttpDispatch } from './http-dispatch.ts'

const service = 'garage-service'
const patience = { interval: 10, timeout: 20_000 }

const registration = (more: object = {}) => ({
  workerUuid: randomUUID(),
  service,
  implements: ['lift', 'paint'].map((stepName) => ({
    workflowName: 'garage',
    workflowVersion: '1',
    stepName,
  })),
  definitions: [garage.definition],
  leaseMs: 60_000,
  host: 'here',
  pid: 1,
  version: null,
  ...more,
})

const resultOf = (claim: Claim, workerUuid: string, output = '{"height":2}'): Result => {
  const { stepId, executionId, attempt, attemptToken } = claim
  const attempted = { stepId, executionId, attempt, attemptToken, workerUuid, executionTimeMs: 3 }
  return { ...attempted, success: true, output: JSON.parse(output) as Json }
}

describeOnBoth('workers over HTTP', (open) => {
  let database: Database
  let server: Server
  let client: Client
  let dispatch: Dispatch

  beforeAll(async () => {
    database = await open()
    server = await createServer({ trail: createTrail(database), onTrouble: () => undefined })
    const connection = {
      url: 'http://localhost',
      fetch: (url: string, init: RequestInit) => server.fetch(new Request(url, init)),
    }
    client = createClient(connection)
    dispatch = createHttpDispatch(connection)
  })
  afterAll(() => server.close())

  const until = async (executionId: string, status: string): Promise<void> => {
    await expect.poll(async () => (await getExecution(database, executionId)).status, patience).toBe(status)
  }

  it('perform steps, get the outputs of those before, adjust, fail, and undo', async () => {
    const done: string[] = []
    const worker = createWorker(dispatch, { service }).implement(garage, {
      lift: {
        do: async ({ adjust }) => {
          await adjust({ type: 'timeout', timeoutMs: 90_000, reason: 'a heavy car' })
          return { height: 2 }
        },
        undo: (context) => {
          done.push(`lower ${context.outcome === 'completed' ? context.output.height : 'whatever is there'}`)
        },
      },
      paint: {
        do: ({ input, outputs }) => {
          if (input.colour === 'none') throw new FatalError('there is no such colour')
          done.push(`${input.colour} at ${outputs.lift?.height}`)
          return {}
        },
        undo: () => undefined,
      },
    })
    await worker.start()
    const red = await client.executions.start(garage, { colour: 'red' }, { idempotencyKey: 'red' })
    const none = await client.executions.start('garage', { colour: 'none' })
    await until(red.executionId, 'completed')
    await until(none.executionId, 'failed')
    expect(await worker.close()).toEqual({ released: 0, unreported: 0 })
    expect(done.toSorted()).toEqual(['lower 2', 'red at 2'])
    const { entries } = await client.executions.timeline(none.executionId)
    expect(entries.map(({ eventType }) => eventType)).toContain('ADAPTIVE_ADJUSTMENT')
  })

  describe('by themselves', () => {
    let workerUuid: string
    const claimOne = async (): Promise<Claim> => {
      const worker = registration()
      workerUuid = worker.workerUuid
      await dispatch.register(worker)
      onTestFinished(() => dispatch.unregister(workerUuid))
      await client.executions.start(garage, { colour: 'blue' })
      const [claim] = await dispatch.claim(workerUuid, 1)
      if (!claim) throw new Error('there was nothing to claim')
      return claim
    }

    it('are given the next step with the answer to a result, and are refused the same result again', async () => {
      const claim = await claimOne()
      const [outcome] = await dispatch.report([resultOf(claim, workerUuid)], 1)
      expect(outcome).toMatchObject({
        outcome: 'accepted',
        next: [{ stepName: 'paint', input: { colour: 'blue' } }],
      })
      const [next] = outcome?.next ?? []
      expect(await dispatch.report([resultOf(claim, workerUuid)])).toMatchObject([{ outcome: 'rejected' }])
      if (next) await dispatch.report([resultOf(next, workerUuid, '{}')])
      expect((await getExecution(database, claim.executionId)).status).toBe('completed')
      const { entries } = await client.executions.timeline(claim.executionId)
      expect(entries.map(({ eventType }) => eventType)).toContain('STEP_RESULT_REJECTED')
    })

    it('are refused what names no step of its execution, and nothing else with it', async () => {
      const claim = await claimOne()
      const nowhere = {
        ...resultOf(claim, workerUuid),
        executionId: randomUUID(),
        attemptToken: randomUUID(),
      }
      const astray = { ...resultOf(claim, workerUuid), stepId: randomUUID(), attemptToken: randomUUID() }
      expect(await dispatch.report([nowhere])).toMatchObject([{ outcome: 'rejected' }])
      const outcomes = await dispatch.report([astray, resultOf(claim, workerUuid)])
      expect(outcomes).toEqual([
        { stepId: astray.stepId, attemptToken: astray.attemptToken, outcome: 'rejected' },
      ])
      const [accepted] = await dispatch.report([resultOf(claim, workerUuid)], 1)
      expect(accepted).toMatchObject({ outcome: 'accepted' })
      await dispatch.report((accepted?.next ?? []).map((next) => resultOf(next, workerUuid, '{}')))
    })

    it('are told what they no longer hold, and may give back what they do', async () => {
      const claim = await claimOne()
      const stranger = { stepId: claim.stepId, attemptToken: randomUUID() }
      expect(await dispatch.heartbeat(workerUuid, [claim, stranger])).toEqual({
        lost: [stranger],
        held: [{ stepId: claim.stepId, attemptToken: claim.attemptToken, timeoutMs: claim.timeoutMs }],
      })
      await dispatch.release(workerUuid, [{ ...stranger, hasBegun: true }])
      await dispatch.release(workerUuid, [{ ...claim, hasBegun: false }])
      const [again] = await dispatch.claim(workerUuid, 10)
      expect(again).toMatchObject({ stepId: claim.stepId, attempt: 1 })
      await client.executions.act(claim.executionId, {
        action: 'cancel',
        reason: 'done',
        actor: { type: 'user', id: 'a' },
      })
    })

    it('hear of work as soon as there is some', async () => {
      const wait = dispatch.waitForWork(service, 30_000, new AbortController().signal)
      const { executionId } = await client.executions.start(garage, { colour: 'green' })
      await wait
      await client.executions.act(executionId, {
        action: 'cancel',
        reason: 'done',
        actor: { type: 'user', id: 'a' },
      })
    })

    it('stop to wait when they are asked to, and when nothing answers', async () => {
      const end = new AbortController()
      const wait = dispatch.waitForWork(service, 30_000, end.signal)
      end.abort()
      await wait
      const nowhere = createHttpDispatch({ url: 'http://127.0.0.1:9' })
      await nowhere.waitForWork(service, 5, new AbortController().signal)
      await expect(nowhere.claim(randomUUID(), 1)).rejects.toMatchObject({ code: 'server_unreachable' })
    })
  })

  describe('are refused', () => {
    const definition = garage.definition
    const [lift, paint] = definition.steps

    it.each([
      ['another content under the same version', { ...definition, recordInput: true }, 'definition_conflict'],
      [
        'an unknown step before',
        { ...definition, steps: [{ ...lift, after: ['nothing'] }] },
        'invalid_workflow',
      ],
      ['two steps of one name', { ...definition, steps: [lift, lift] }, 'invalid_workflow'],
      ['what is no schema', { ...definition, input: { type: 'nonsense' } }, 'invalid_workflow'],
      ['text that cannot be stored', { ...definition, input: { title: '\u0000' } }, 'invalid_workflow'],
      [
        'an option that there is not',
        { ...definition, steps: [{ ...paint, colour: 'red' }] },
        'invalid_input',
      ],
    ])('a definition with %s', async (_, given, code) => {
      const worker = registration({ definitions: [given] })
      await expect(dispatch.register(worker as never)).rejects.toMatchObject({ code })
    })

    it('a lease, a limit, or a text beyond what is allowed', async () => {
      await expect(dispatch.register(registration({ leaseMs: 1 }))).rejects.toMatchObject({
        code: 'invalid_input',
      })
      await expect(dispatch.register(registration({ host: 'a\u0000' }))).rejects.toMatchObject({
        code: 'invalid_input',
      })
      await expect(dispatch.claim(randomUUID(), 0)).rejects.toMatchObject({
        code: 'invalid_input',
        details: { parameter: 'limit', status: 400 },
      })
    })

    it('no output, however odd: the attempt fails and says why', async () => {
      const worker = registration()
      await dispatch.register(worker)
      const deep = '['.repeat(20_000) + ']'.repeat(20_000)
      for (const output of ['"\\u0000"', deep, JSON.stringify('x'.repeat(300_000))]) {
        const { executionId } = await client.executions.start(garage, { colour: 'blue' })
        const claims = await dispatch.claim(worker.workerUuid, 10)
        const claim = claims.find((each) => each.executionId === executionId)
        if (!claim) throw new Error('there was nothing to claim')
        // As text: what is so deep cannot even be written.
        const text = JSON.stringify({ results: [resultOf(claim, worker.workerUuid, '"here"')] })
        const body = text.replace('"here"', () => output)
        const headers = { 'content-type': 'application/json' }
        const request = new Request('http://localhost/api/v1/engine/results', {
          method: 'POST',
          headers,
          body,
        })
        const answer = (await (await server.fetch(request)).json()) as object
        expect(answer).toMatchObject({ outcomes: [{ outcome: 'accepted' }] })
        const { steps } = await client.executions.get(executionId)
        expect(steps[0]).toMatchObject({ lastError: expect.stringContaining('cannot be stored') })
      }
      await dispatch.unregister(worker.workerUuid)
    })
  })
})

const definitionOf = (version: string) => ({ ...garage.definition, version })

it('a worker over HTTP registers again with a database that knows nothing of it, and goes on', async () => {
  const database = await openTestDatabase('postgres')
  await using server = await createServer({ trail: createTrail(database) })
  const { url } = await server.listen({ port: 0 })
  const [client, dispatch] = [createClient({ url }), createHttpDispatch({ url })]
  await expect(dispatch.heartbeat(randomUUID(), [])).rejects.toMatchObject({
    code: 'worker_unknown',
    details: { status: 404 },
  })
  await using worker = createWorker(dispatch, { service, leaseMs: 300, pollMinMs: 5 }).implement(garage, {
    lift: { do: () => ({ height: 2 }), undo: () => undefined },
    paint: { do: () => ({}), undo: () => undefined },
  })
  await worker.start()
  await database.query(`delete from workflow_workers where worker_uuid = $1`, [worker.workerUuid])
  const { executionId } = await client.executions.start(garage, { colour: 'gold' })
  await expect.poll(() => client.executions.get(executionId), patience).toMatchObject({ status: 'completed' })
})

describeOnBoth('the dispatch of one tenant', (open) => {
  it('gives no steps of another, and takes no results for them', async () => {
    const database = await open()
    const saga = await createSaga(database, { holdsClock: false })
    onTestFinished(() => saga.close())
    const [acme, globex] = [saga.dispatchOf('acme'), saga.dispatchOf('globex')]
    const worker = registration()
    await expect(acme.register(worker)).rejects.toMatchObject({ code: 'unknown_workflow' })
    await saga.dispatch.register(registration())
    await acme.register(worker)
    const { executionId } = await saga.start(garage, { colour: 'gold' }, { tenant: 'acme' })
    expect(await globex.claim(worker.workerUuid, 10)).toEqual([])
    const [claim] = await acme.claim(worker.workerUuid, 10)
    if (claim?.executionId !== executionId) throw new Error('the step was not claimed')
    const result = resultOf(claim, worker.workerUuid)
    expect(await globex.report([result])).toMatchObject([{ outcome: 'rejected' }])
    const request = { ...claim, workerUuid: worker.workerUuid }
    const adjustment = { type: 'timeout', timeoutMs: 90_000, reason: 'a heavy car' } as const
    await expect(globex.adjust({ ...request, adjustment })).rejects.toMatchObject({
      code: 'execution_not_found',
    })
    await acme.adjust({ ...request, adjustment })
    await expect(globex.register(worker)).rejects.toMatchObject({ code: 'access_denied' })
    await globex.release(worker.workerUuid, [{ ...claim, hasBegun: false }])
    await globex.unregister(worker.workerUuid)
    await expect(globex.heartbeat(worker.workerUuid, [claim])).rejects.toMatchObject({
      code: 'worker_unknown',
    })
    const other = { ...definitionOf('2'), recordInput: true }
    const changed = registration({ definitions: [{ ...garage.definition, recordInput: true }, other] })
    await expect(globex.register(changed)).rejects.toMatchObject({ code: 'unknown_workflow' })
    expect((await acme.heartbeat(worker.workerUuid, [claim])).lost).toEqual([])
    expect(await acme.report([result])).toMatchObject([{ outcome: 'accepted' }])
    expect(await acme.claim(worker.workerUuid, 1)).toHaveLength(1)
  })
})
