import { createTrail, type Database, idOf, ObservationRecorder, observedExecutionId } from '@steptrail/core'
import { describeOnBoth } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asked, type Asking } from '../../test/asking.ts'
import { openShop } from '../../test/shop.ts'
import { createServer, type Server } from '../index.ts'

const nowhere = '019a4f0c-5c7b-7000-8000-00000000dead'
const anna = { type: 'user', id: 'anna' } as const

describeOnBoth('executions over HTTP', (open) => {
  let ask: Asking
  let database: Database
  let server: Server
  let shop: Awaited<ReturnType<typeof openShop>>
  let paid = ''
  let blocked = ''

  beforeAll(async () => {
    database = await open()
    server = await createServer({ trail: createTrail(database), secondPersonFor: ['skip'] })
    ask = asked(server)
    shop = await openShop(database)
    paid = await start({ card: 'visa' })
    await shop.until(paid, 'completed')
    blocked = await start({ card: 'stolen' })
    await shop.until(blocked, 'blocked')
  })
  afterAll(async () => {
    await shop.close()
    await server.close()
  })

  const start = async (input: object, key?: string): Promise<string> => {
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key }
    const { body } = await ask.post('/api/v1/executions', { workflow: 'shop', input, actor: anna }, headers)
    return body.executionId as string
  }

  it('says of an execution of another engine what that does not show', async () => {
    const capabilities = {
      perAttempt: true,
      actor: false,
      transactional: true,
      replaySafe: true,
      backfill: false,
    }
    const engine = { name: 'other', sourceId: idOf('a test'), capabilities }
    await new ObservationRecorder(database, { engine, serviceName: 'adapter' }).record([
      {
        id: '1',
        observation: {
          execution: 'order-17',
          kind: 'started',
          at: Date.now(),
          workflowName: 'order',
          workflowVersion: '1',
          correlationId: 'order-17',
          actor: null,
          inputDigest: null,
          isBackfilled: false,
        },
      },
    ])
    const path = `/api/v1/executions/${observedExecutionId(engine, 'order-17')}`
    const { body } = await ask.get(path)
    expect(body).toMatchObject({
      engine: 'other',
      engineExecutionId: 'order-17',
      engineCapabilities: capabilities,
    })
    const timeline = await ask.get(`${path}/timeline`)
    expect(timeline.body).toMatchObject({
      entries: [{ eventType: 'ORCHESTRATION_STARTED', details: { notObservable: ['plan', 'input'] } }],
    })
    expect((await ask.get(`/api/v1/executions/${paid}`)).body).toMatchObject({
      engine: 'steptrail',
      engineCapabilities: null,
    })
  })

  describe('starting', () => {
    it('answers where it is, and who started it is on record', async () => {
      const request = {
        workflow: 'shop',
        version: '1',
        input: { card: 'x' },
        actor: anna,
        correlationId: 'c-1',
      }
      const { status, headers, body } = await ask.post('/api/v1/executions', request)
      expect({ status, created: body.created }).toEqual({ status: 201, created: true })
      const found = await ask.get(headers.get('location') ?? '')
      expect(found.body).toMatchObject({
        actor: anna,
        correlationId: 'c-1',
        workflowName: 'shop',
        input: { card: 'x' },
      })
    })

    it('gives the same execution to the same Idempotency-Key', async () => {
      const first = await start({ card: 'once' }, 'order-1')
      const again = await ask.post(
        '/api/v1/executions',
        { workflow: 'shop', input: { card: 'once' } },
        { 'idempotency-key': 'order-1' },
      )
      expect({ status: again.status, ...again.body }).toEqual({
        status: 200,
        executionId: first,
        created: false,
      })
    })

    it.each([
      [{ workflow: 'nothing', input: {} }, 404, 'unknown_workflow'],
      [{ workflow: 'shop', input: { card: 7 } }, 400, 'invalid_input'],
      [{ workflow: 'shop', input: {}, extra: 1 }, 400, 'invalid_input'],
      [{ input: {} }, 400, 'invalid_input'],
    ])('refuses %j', async (request, status, code) => {
      const answer = await ask.post('/api/v1/executions', request)
      expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code })
    })
  })

  describe('reading', () => {
    it('shows an execution with its steps', async () => {
      const { body } = await ask.get(`/api/v1/executions/${paid}`)
      expect(body).toMatchObject({ status: 'completed', totalSteps: 2, completedSteps: 2, unattended: [] })
      expect(body.steps.map(({ name, status }: Record<string, string>) => [name, status])).toEqual([
        ['charge', 'complete'],
        ['ship', 'complete'],
      ])
      const { body: steps } = await ask.get(`/api/v1/executions/${paid}/steps`)
      expect(steps.steps).toEqual(body.steps)
    })

    it('shows its timeline', async () => {
      const { body } = await ask.get(`/api/v1/executions/${paid}/timeline`)
      expect(body.entries.map(({ eventType }: { eventType: string }) => eventType)).toEqual([
        'ORCHESTRATION_STARTED',
        'STEP_STARTED',
        'STEP_SUCCESS',
        'STEP_STARTED',
        'STEP_SUCCESS',
        'ORCHESTRATION_COMPLETED',
      ])
      expect(body.entries[0]).toMatchObject({ gapMs: null, runningMs: 0, executionSeq: 1 })
    })

    it('lists executions, page by page', async () => {
      const { body } = await ask.get('/api/v1/executions?workflow_name=shop&limit=1')
      expect(body.executions).toHaveLength(1)
      expect(body.next_cursor).toEqual(expect.any(String))
      const other = await ask.get('/api/v1/executions?status=blocked')
      expect(other.body.executions.map(({ executionId }: { executionId: string }) => executionId)).toEqual([
        blocked,
      ])
      expect((await ask.get('/api/v1/executions?end_date=2020-01-01')).body.executions).toEqual([])
    })

    it.each([
      ['?status=odd', 400, 'status'],
      ['?since=2026', 400, 'since'],
      ['?cursor=x', 400, undefined],
      ['/nonsense', 400, 'id'],
      [`/${nowhere}`, 404, undefined],
      [`/${nowhere}/timeline`, 404, undefined],
      [`/${nowhere}/audit`, 404, undefined],
      [`/${nowhere}/steps`, 404, undefined],
    ])('refuses %s', async (path, status, parameter) => {
      const answer = await ask.get(`/api/v1/executions${path}`)
      expect({ status: answer.status, parameter: answer.body.parameter }).toEqual({ status, parameter })
    })
  })

  describe('the audit of a step', () => {
    const stepOf = async (executionId: string, name: string): Promise<string> => {
      const { body } = await ask.get(`/api/v1/executions/${executionId}/steps`)
      return body.steps.find((step: { name: string }) => step.name === name).stepId as string
    }

    it.each(['/v1', '/api/v1'])('is a bare array under %s', async (prefix) => {
      const step = await stepOf(paid, 'charge')
      const { status, body } = await ask.get(`${prefix}/tasks/${paid}/workflow_steps/${step}/audit`)
      expect(status).toBe(200)
      expect(body).toEqual([
        {
          audit_uuid: expect.any(String),
          workflow_step_uuid: step,
          transition_uuid: expect.any(String),
          task_uuid: paid,
          recorded_at: expect.any(String),
          worker_uuid: expect.any(String),
          correlation_id: paid,
          success: true,
          execution_time_ms: expect.any(Number),
          result: expect.objectContaining({ success: true, result: { receipt: 'for visa' } }),
          step_name: 'charge',
          from_state: 'in_progress',
          to_state: 'enqueued_for_orchestration',
        },
      ])
    })

    it('is paged by the header Link', async () => {
      const { body, headers } = await ask.get(`/api/v1/executions/${paid}/audit?limit=1`)
      const [, next] = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '') ?? []
      const second = await ask.get(next ?? '')
      expect([...body, ...second.body].map(({ step_name }: { step_name: string }) => step_name)).toEqual([
        'ship',
        'charge',
      ])
      expect(second.headers.get('link')).toBeNull()
    })

    it('is refused for a bad id, and for a step of another execution', async () => {
      const step = await stepOf(paid, 'charge')
      const bad = await ask.get(`/v1/tasks/${paid}/workflow_steps/7/audit`)
      expect({ status: bad.status, parameter: bad.body.parameter }).toEqual({
        status: 400,
        parameter: 'step_uuid',
      })
      expect((await ask.get(`/v1/tasks/x/workflow_steps/${step}/audit`)).status).toBe(400)
      expect((await ask.get(`/v1/tasks/${blocked}/workflow_steps/${step}/audit`)).body.code).toBe(
        'step_not_found',
      )
      expect((await ask.get(`/v1/tasks/${nowhere}/workflow_steps/${step}/audit`)).status).toBe(404)
    })
  })

  describe('acting', () => {
    const act = (path: string, order: object) => ask.post(`/api/v1/executions/${path}/actions`, order)

    it('wants a reason and an actor, and the second person where policy says so', async () => {
      expect((await act(blocked, { action: 'pause', actor: anna })).body).toMatchObject({
        parameter: 'reason',
      })
      expect((await act(blocked, { action: 'pause', reason: 'x' })).body).toMatchObject({
        code: 'reason_required',
      })
      const skip = await act(`${blocked}/steps/charge`, { action: 'skip', reason: 'x', actor: anna })
      expect(skip.body.code).toBe('reason_required')
      expect(skip.body.detail).toContain('second person')
    })

    it('refuses an order that does not fit the state, by naming it', async () => {
      const { status, body } = await act(paid, { action: 'pause', reason: 'x', actor: anna })
      expect({ status, code: body.code }).toEqual({ status: 409, code: 'order_refused' })
      expect(body.detail).toContain('completed')
    })

    it('resolves a step, by name or by id, and says why it did', async () => {
      const order = { action: 'resolve', output: { receipt: 'cash' }, reason: 'paid in cash', actor: anna }
      expect((await act(`${blocked}/steps/nothing`, order)).status).toBe(404)
      expect((await act(`${nowhere}/steps/charge`, order)).status).toBe(404)
      const { body } = await act(`${blocked}/steps/charge`, order)
      expect(body.executionId).toBe(blocked)
      await shop.until(blocked, 'completed')
      const events = await ask.get(`/api/v1/audit/events?execution_id=${blocked}&event_type=STEP_RESOLVED`)
      expect(events.body.events).toMatchObject([
        { actorId: 'anna', reason: 'paid in cash', stepName: 'charge' },
      ])
    })

    it('carries out once what comes with one Idempotency-Key, also at once, and answers each', async () => {
      const id = await start({ card: 'stolen' })
      await shop.until(id, 'blocked')
      const order = { action: 'cancel', rollback: false, reason: 'withdrew', actor: anna }
      const path = `/api/v1/executions/${id}/actions`
      const send = () => ask.post(path, order, { 'idempotency-key': `cancel ${id}` })
      const answers = await Promise.all([send(), send(), send(), send(), send()])
      for (const { status, body } of [...answers, await send()])
        expect({ status, now: body.status }).toEqual({ status: 200, now: 'cancelled' })
      const other = await ask.post(path, { ...order, reason: 'x' }, { 'idempotency-key': `cancel ${id}` })
      expect(other.body.code).toBe('idempotency_conflict')
    })

    it('cancels a whole execution', async () => {
      const id = await start({ card: 'stolen' })
      await shop.until(id, 'blocked')
      const { body } = await act(id, { action: 'cancel', rollback: false, reason: 'withdrew', actor: anna })
      expect(body.status).toBe('cancelled')
    })
  })
})
