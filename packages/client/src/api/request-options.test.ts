import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { type Client, createClient } from '../client.ts'
import type { RepeatableRequestOptions } from './request-options.ts'

const actor = { type: 'user', id: 'anna' } as const
const reason = 'as the court ordered'
const cancel = { action: 'cancel', actor, reason } as const
const weights = {
  base: { floor: 0.4, severity: 0.12, component: 0.12, environment: 0.12, priority: 0.12 },
  boosts: {},
  penalties: {},
}

type Call = (client: Client, options: RepeatableRequestOptions) => Promise<unknown>

/** By what the API says that it takes an Idempotency-Key: the method that asks it. */
const calls: Readonly<Record<string, Call>> = {
  'POST /api/v1/executions': ({ executions }, options) => executions.start('shop', {}, options),
  'POST /api/v1/executions/{id}/actions': ({ executions }, options) => executions.act('x', cancel, options),
  'POST /api/v1/executions/{id}/steps/{step}/actions': ({ executions }, options) =>
    executions.actOnStep({ executionId: 'x', step: 'x' }, { action: 'retry', actor, reason }, options),
  'POST /api/v1/audit/workflow-execution': (client, options) =>
    client.storeWorkflowExecutionAudit(
      {
        workflow_name: 'shop',
        workflow_version: '1',
        remediation_id: 'r',
        total_steps: 0,
        outcome: 'success',
      },
      options,
    ),
  'POST /api/v1/retention/policies': ({ retention }, options) =>
    retention.setPolicy({ match: {}, keepDays: 400, reason }, options),
  'POST /api/v1/retention/holds': ({ retention }, options) =>
    retention.placeHold({ match: { workflow: 'shop' }, reason }, options),
  'POST /api/v1/retention/holds/{id}/release': ({ retention }, options) =>
    retention.releaseHold('x', reason, options),
  'POST /api/v1/catalog/workflows': ({ catalog }, options) =>
    catalog.register({ actionTypes: [], actor }, options),
  'POST /api/v1/catalog/workflows/{id}/actions': ({ catalog }, options) =>
    catalog.act('x', { action: 'disable', actor, reason }, options),
  'POST /api/v1/catalog/weights': ({ catalog }, options) =>
    catalog.setWeights({ weights, actor, reason }, options),
  'POST /api/v1/erasures': ({ log }, options) => log.erase({ match: { executionId: 'e' }, reason }, options),
}

/** Events have ids of their own, under which the recorder sends them again. */
const repeatedById = 'POST /api/v1/audit/events'

interface Sent {
  readonly path: string
  readonly key: string | null
}

/** A client whose connections break, and what it sent. */
function cutOff(): { readonly client: Client; readonly sent: Sent[] } {
  const sent: Sent[] = []
  const fetch = (url: string, { headers, method }: RequestInit): Promise<Response> => {
    sent.push({
      path: `${method} ${new URL(url).pathname}`,
      key: new Headers(headers).get('idempotency-key'),
    })
    return Promise.reject(new TypeError('fetch failed', { cause: new Error('read ECONNRESET') }))
  }
  return { client: createClient({ url: 'http://127.0.0.1:4680', fetch }), sent }
}

interface Description {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly parameters?: readonly { readonly name: string }[] }>>>
  >
}

/** What takes the header, as the API describes itself. */
async function repeatableRequests(): Promise<readonly string[]> {
  const text = await readFile(new URL('../../../../spec/openapi.json', import.meta.url), 'utf8')
  return Object.entries((JSON.parse(text) as Description).paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { parameters = [] }]) => parameters.some(({ name }) => name === 'idempotency-key'))
      .map(([method]) => `${method.toUpperCase()} ${path}`),
  )
}

describe('a request that the server carries out once under a key', () => {
  it('can be sent with one, whichever it is', async () => {
    expect([...Object.keys(calls), repeatedById].toSorted()).toEqual((await repeatableRequests()).toSorted())
  })

  it.each(Object.entries(calls))(
    '%s is sent with it, again where its connection broke',
    async (asked, call) => {
      const { client, sent } = cutOff()
      await expect(call(client, { idempotencyKey: 'order 4711' })).rejects.toMatchObject({
        code: 'server_unreachable',
      })
      const path = asked.replaceAll(/\{\w+\}/g, 'x')
      expect(sent).toEqual([
        { path, key: 'order 4711' },
        { path, key: 'order 4711' },
      ])
    },
  )

  it.each(Object.entries(calls))('%s is sent once without it', async (_, call) => {
    const { client, sent } = cutOff()
    await expect(call(client, {})).rejects.toMatchObject({ code: 'server_unreachable' })
    expect(sent).toMatchObject([{ key: null }])
  })

  it.each(Object.entries(calls))('%s ends with its signal', async (_, call) => {
    const { client, sent } = cutOff()
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(call(client, { idempotencyKey: 'k', signal })).rejects.toThrow('enough')
    expect(sent).toEqual([])
  })

  it.each(['注文-4711', ' 4711', '4711\n', 'a\nb'])('is not sent with the key %j', async (idempotencyKey) => {
    const { client, sent } = cutOff()
    await expect(client.executions.start('shop', {}, { idempotencyKey })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('cannot be sent as a header'),
      details: { parameter: 'idempotencyKey' },
    })
    expect(sent).toEqual([])
  })
})
