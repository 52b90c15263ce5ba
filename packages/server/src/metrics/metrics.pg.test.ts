import { createTrail } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { asked } from '../../test/asking.ts'
import { createServer } from '../index.ts'

it('tells of requests, events, streams, the recorder, the database and the process', async () => {
  const trail = createTrail(await openTestDatabase('postgres'))
  const server = await createServer({ trail, holdsClock: false })
  onTestFinished(() => server.close())
  const ask = asked(server)
  const event = { eventType: 'OPERATION', action: 'x' }
  await ask.post('/api/v1/audit/events', [event, event, {}])
  await ask.get('/api/v1/executions/019a4f0c-5c7b-7000-8000-00000000dead')
  await trail.recordDurably(event)
  const { text, headers } = await ask.get('/metrics')
  expect(headers.get('content-type')).toContain('text/plain; version=0.0.4')
  for (const line of [
    'steptrail_http_requests_total{method="POST",route="/api/v1/audit/events",status="200"} 1',
    'steptrail_http_requests_total{method="GET",route="/api/v1/executions/:id",status="404"} 1',
    'steptrail_http_request_seconds_count{method="POST",route="/api/v1/audit/events"} 1',
    'steptrail_http_events_total{outcome="created"} 2',
    'steptrail_http_events_total{outcome="rejected"} 1',
    'steptrail_http_streams 0',
    'steptrail_recorder_events_total{outcome="written",reason=""} 1',
    'steptrail_recorder_flush_seconds_bucket{le="+Inf"} 1',
    'steptrail_recorder_flush_seconds_count 1',
  ])
    expect(text).toContain(`${line}\n`)
  // Other tests write on the same server.
  expect(text).toMatch(/^steptrail_database_oldest_write_seconds [\d.e-]+$/m)
  expect(text).toContain('process_cpu_seconds_total')
  const names = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name)
  expect(new Set(names).size).toBe(names.length)
})
