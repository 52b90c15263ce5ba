import { describeOnBoth } from '@steptrail/testkit'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import { newExecution } from '../../test/executions.ts'
import { followUntil, recordLast } from '../../test/following.ts'
import { operation, record } from '../../test/recording.ts'
import type { Database } from '../database/database.ts'
import { feedPositionOf } from './feed-position.ts'
import { feedCursor, follow } from './follow.ts'
import { writeCursor } from './opaque-cursor.ts'

describeOnBoth('follow', (open) => {
  let database: Database
  let executionId: string
  const write = (count: number) =>
    record(
      database,
      Array.from({ length: count }, () => operation({ executionId })),
    )

  beforeAll(async () => {
    database = await open()
  })

  beforeEach(async () => {
    executionId = await newExecution(database)
  })

  it('gives what is committed from now on, in order, and nothing before', async () => {
    await write(3)
    const from = await feedCursor(database, 'now')
    await write(2)
    await write(2)
    const { events } = await followUntil(database, { from }, await recordLast(database))
    expect(events.map((event) => event.executionSeq)).toEqual([4, 5, 6, 7, null])
  })

  it('gives everything from the beginning, in batches of the size asked for', async () => {
    await write(7)
    const { batches } = await followUntil(
      database,
      { from: 'beginning', batchSize: 3, filter: { executionId } },
      (_, all) => all.length === 7,
    )
    expect(batches.map((batch) => batch.map((event) => event.executionSeq))).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [7],
    ])
  })

  it('gives events whole', async () => {
    const from = await feedCursor(database, 'now')
    await record(database, [operation({ details: { a: [1, { b: null }] }, message: 'Übergröße' })])
    const { events } = await followUntil(database, { from }, () => true)
    expect(events).toMatchObject([
      { action: 'config_update', message: 'Übergröße', details: { a: [1, { b: null }] }, tenant: 'default' },
    ])
    expect(Object.keys(events[0] ?? {})).toHaveLength(34)
  })

  it('goes on after the cursor of any batch as if it had not stopped', async () => {
    const from = await feedCursor(database, 'now')
    await write(10)
    const isLast = await recordLast(database)
    const whole = await followUntil(database, { from, batchSize: 2 }, isLast)
    const pieces = [await followUntil(database, { from, batchSize: 2 }, () => true)]
    while (!isLast(pieces.at(-1)?.events ?? []))
      pieces.push(
        await followUntil(
          database,
          { from: pieces.at(-1)?.cursor ?? '', batchSize: pieces.length },
          () => true,
        ),
      )
    expect(pieces.flatMap((piece) => piece.events)).toEqual(whole.events)
    await write(1)
    const next = await followUntil(database, { from: pieces.at(-1)?.cursor ?? '' }, () => true)
    expect(next.events.map((event) => event.executionSeq)).toEqual([11])
  })

  it('gives from a time what happened then and later, and then whatever is committed', async () => {
    const at = (timestamp: string) =>
      operation({ timestamp, message: timestamp, action: `scan ${executionId}` })
    const times = ['2025-11-04T09:59:59.999Z', '2025-11-04T10:00:00.000Z', '2025-11-04T10:00:00.001Z']
    await record(database, times.map(at))
    const early = '2025-11-01T00:00:00.000Z'
    const filter = { action: `scan ${executionId}` }
    const options = { from: { time: times[1] ?? '' }, pollIntervalMs: 5, filter }
    const messages: (string | null)[] = []
    for await (const { events } of follow(database, options)) {
      messages.push(...events.map((event) => event.message))
      if (messages.length === 2) await record(database, [at(early)])
      if (messages.length === 3) break
    }
    expect(messages).toEqual([...times.slice(1), early])
  })

  it('gives only what the filter lets pass, and goes on over what it does not', async () => {
    const actions = ['scan_process', 'config_update', 'scan_process', 'cache_refresh', 'scan_process']
    const from = await feedCursor(database, 'now')
    for (const action of actions) await record(database, [operation({ action, message: action })])
    const options = { from, filter: { action: 'scan_process' }, batchSize: 2 }
    const { events, cursor } = await followUntil(database, options, (_, all) => all.length === 3)
    expect(events.map((event) => event.action)).toEqual(['scan_process', 'scan_process', 'scan_process'])
    await record(
      database,
      actions.map((action) => operation({ action })),
    )
    const more = await followUntil(database, { ...options, from: cursor }, (_, all) => all.length === 3)
    expect(more.events).toHaveLength(3)
  })

  it('gives nothing of what is rolled back, wholly or to a savepoint', async () => {
    const from = await feedCursor(database, 'now')
    const failed = database.transaction(async (tx) => {
      await tx('select 1')
      await tx(
        `insert into audit_event (event_type, entity_type, message) values ('OPERATION', 'OPERATION', 'rolled back')`,
      )
      throw new Error('rolled back')
    })
    await expect(failed).rejects.toThrow('rolled back')
    await database.transaction(async (tx) => {
      const insert = (message: string) =>
        tx(
          `insert into audit_event (event_type, entity_type, message) values ('OPERATION', 'OPERATION', $1)`,
          [message],
        )
      await insert('before')
      await tx('savepoint one')
      await insert('undone')
      await tx('rollback to savepoint one')
      await tx('savepoint two')
      await insert('within')
      await tx('release savepoint two')
    })
    const { events } = await followUntil(database, { from }, await recordLast(database))
    expect(
      events
        .slice(0, -1)
        .map((event) => event.message)
        .toSorted(),
    ).toEqual(['before', 'within'])
  })

  it('ends when the signal aborts, at once while it waits', async () => {
    const abort = new AbortController()
    const feed = follow(database, { signal: abort.signal, pollIntervalMs: 60_000 })
    const next = feed.next()
    await feedCursor(database, 'now')
    abort.abort()
    expect(await next).toEqual({ done: true, value: undefined })
    expect(await follow(database, { signal: abort.signal }).next()).toEqual({ done: true, value: undefined })
  })

  it('refuses the cursor of another generation, and says what to do', async () => {
    await write(1)
    const cursor = await feedCursor(database, 'now')
    await database.query('update feed_identity set feed_uuid = gen_random_uuid()')
    const outcome = follow(database, { from: cursor }).next()
    await expect(outcome).rejects.toMatchObject({ code: 'feed_generation_changed' })
    await expect(outcome).rejects.toThrow('follow again from a time')
  })

  it('refuses a cursor that is ahead of the database', async () => {
    const position = feedPositionOf(await feedCursor(database, 'now'))
    const ahead = '9000000000:9000000000:'
    for (const more of [{ from: ahead }, { to: ahead }])
      await expect(
        follow(database, { from: writeCursor({ ...position, ...more }) }).next(),
      ).rejects.toMatchObject({
        code: 'feed_generation_changed',
      })
  })

  it.each([
    [{ from: '' }, 'invalid_cursor'],
    [{ from: 'yesterday' }, 'invalid_cursor'],
    [{ from: writeCursor({ generation: 'x', from: '9:1:', to: null, after: null }) }, 'invalid_cursor'],
    [{ from: { time: 'yesterday' } }, 'invalid_filter'],
    [{ filter: { severity: 'fatal' } }, 'invalid_filter'],
    [{ filter: { startDate: '2025-11-04' } }, 'invalid_filter'],
    [{ batchSize: 0 }, 'invalid_configuration'],
    [{ batchSize: 10_001 }, 'invalid_configuration'],
    [{ pollIntervalMs: 0.5 }, 'invalid_configuration'],
  ])('refuses %j', async (options, code) => {
    await expect(follow(database, options as object).next()).rejects.toMatchObject({ code })
  })
})
