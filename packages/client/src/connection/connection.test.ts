import { expect, test } from 'vitest'
import { createClient } from '../client.ts'

/** A client whose connections break before anything is answered, and what it asked. */
function cutOff() {
  const asked: string[] = []
  const fetch = (url: string | URL | Request): Promise<Response> => {
    asked.push(new URL(url instanceof Request ? url.url : url).pathname)
    return Promise.reject(new TypeError('fetch failed', { cause: new Error('read ECONNRESET') }))
  }
  return { asked, client: createClient({ url: 'http://127.0.0.1:4680', fetch }) }
}

test('what only reads is asked once more when its connection broke', async () => {
  const { asked, client } = cutOff()
  await expect(client.events.list()).rejects.toMatchObject({ code: 'server_unreachable' })
  expect(asked).toEqual(['/api/v1/audit/events', '/api/v1/audit/events'])
})

test.each(['st_secret\nx', 'st_secret\u2026', 'st_secret x', ''])(
  'a key that no header holds is refused, and told to nobody: %j',
  async (apiKey) => {
    const url = 'http://127.0.0.1:9'
    const refused = { code: 'invalid_configuration', message: expect.not.stringContaining('st_secret') }
    expect(() => createClient({ url, apiKey })).toThrow(expect.objectContaining(refused))
    const renewed = createClient({ url, apiKey: () => Promise.resolve(apiKey) })
    await expect(renewed.limits()).rejects.toMatchObject(refused)
  },
)

test('what leaves an event each time is not asked again by itself', async () => {
  const { asked, client } = cutOff()
  const query = { remediationId: 'r-1', context: { severity: 'critical' } }
  const { discovery } = client
  for (const step of [
    discovery.listActions(query),
    discovery.listWorkflows({ ...query, actionType: 'Restart' }),
    discovery.getWorkflow({ ...query, workflowId: 'w' }),
    client.executions.start('shop', {}),
  ])
    await expect(step).rejects.toMatchObject({ code: 'server_unreachable' })
  expect(asked).toEqual([
    '/api/v1/workflows/actions',
    '/api/v1/workflows/actions/Restart',
    '/api/v1/workflows/w',
    '/api/v1/executions',
  ])
})
