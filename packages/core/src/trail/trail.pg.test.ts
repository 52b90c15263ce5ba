import { createEventCatalogue, createRedactionPolicy } from '@steptrail/event'
import {
  createEmptyDatabase,
  createMigratedDatabase,
  embeddedDirectory,
  fakeClock,
  openTestDatabase,
} from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { newExecution } from '../../test/executions.ts'
import { operation } from '../../test/recording.ts'
import { createTrail, openTrail, type Trail } from './trail.ts'

const record = (trail: Trail, ...events: Parameters<Trail['recordIn']>[1]) =>
  trail.database.transaction((tx) => trail.recordIn(tx, events))

describe('a trail', () => {
  it('records and reads what its functions do', async () => {
    const database = await openTestDatabase('embedded')
    await using trail = createTrail(database)
    const executionId = await newExecution(database)
    const from = await trail.feedCursor('now')
    await record(trail, operation({ executionId }), operation({ executionId }))
    const events = await trail.getExecutionEvents(executionId)
    expect(events.map((event) => event.executionSeq)).toEqual([1, 2])
    expect((await trail.listEvents({ executionId, order: 'asc' })).items).toEqual(events)
    expect((await trail.getExecutionTimeline(executionId)).map((entry) => entry.id)).toEqual(
      events.map((event) => event.id),
    )
    expect(await trail.getExecutionAuditHistory(executionId)).toEqual({ items: [], nextCursor: null })
    expect(await trail.listStepAudit({ workerUuid: executionId })).toEqual({ items: [], nextCursor: null })
    await expect(trail.getStepAuditHistory(executionId)).rejects.toMatchObject({ code: 'step_not_found' })
    const { value } = await trail.follow({ from }).next()
    expect(value?.events).toEqual(events)
  })

  it('validates by its own catalogue, redaction, span and clock', async () => {
    const database = await openTestDatabase('embedded')
    const clock = fakeClock('2025-11-04T10:00:00.000Z')
    const eventType = 'shop.order.shipped'
    const trail = createTrail(database, {
      clock,
      catalogue: createEventCatalogue({
        types: [{ eventType, when: 'An order was shipped.', details: z.object({ parcel: z.string() }) }],
      }),
      redaction: createRedactionPolicy({ keys: ['parcel'] }),
      activeSpan: () => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }),
    })
    const [recorded] = await record(trail, { eventType, details: { parcel: 'p-1' } })
    const { items } = await trail.listEvents({ eventType })
    expect(items).toMatchObject([
      {
        id: recorded?.id,
        timestamp: '2025-11-04T10:00:00.000Z',
        details: { parcel: '[redacted]' },
        traceId: 'a'.repeat(32),
      },
    ])
    await expect(record(trail, { eventType, details: { parcel: 1 } })).rejects.toMatchObject({
      code: 'invalid_event',
    })
  })

  it('ends its feeds when it is closed, and leaves a database that it did not open', async () => {
    const database = await openTestDatabase('embedded')
    const trail = createTrail(database)
    const next = [trail.follow(), trail.follow({ signal: new AbortController().signal })].map((feed) =>
      feed.next(),
    )
    await trail.close()
    await trail.close()
    expect(await Promise.all(next)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ])
    expect((await database.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  })

  it('opens the embedded database with its schema, and closes it', async () => {
    const trail = await openTrail({
      dataDir: 'memory://',
      schema: 'my "trail"',
    })
    await record(trail, operation())
    expect((await trail.listEvents()).items).toHaveLength(1)
    await trail.close()
    await expect(trail.listEvents()).rejects.toMatchObject({ code: 'database_closed' })
  })

  it('opens a server’s database that has the schema, and refuses one that has not', async () => {
    await using trail = await openTrail({ url: await createMigratedDatabase() })
    await record(trail, operation())
    expect((await trail.listEvents()).items).toHaveLength(1)
    await expect(openTrail({ url: await createEmptyDatabase() })).rejects.toMatchObject({
      code: 'schema_missing',
    })
  })

  it('leaves nothing open when a setting of its recorder is none', async () => {
    const dataDir = await embeddedDirectory()
    await expect(openTrail({ dataDir, recorder: { queueEvents: 0 } })).rejects.toMatchObject({
      code: 'invalid_configuration',
    })
    const trail = await openTrail({ dataDir })
    await trail.close()
  })
})
