import { uuidV7 } from '@steptrail/event'
import { createDatabaseWithLogins } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newExecution } from '../../test/executions.ts'
import { operation } from '../../test/recording.ts'
import type { Database, Query } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import { migrate } from '../migrate/migrate.ts'
import { getExecutionEvents, getExecutionTimeline } from './execution-events.ts'
import { getExecutionAuditHistory } from '../audit/step-audit.ts'
import { listEvents } from './list-events.ts'
import { openTrail, type Trail } from './trail.ts'

describe('a trail on a server whose roles are set up', () => {
  let owner: Database
  let trail: Trail
  beforeAll(async () => {
    const place = await createDatabaseWithLogins()
    owner = await openDatabase({ url: place.url })
    await migrate(owner, { roles: true })
    trail = await openTrail({ url: await place.createLogin('in role steptrail_writer') })
  })
  afterAll(async () => {
    await trail.close()
    await owner.close()
  })

  it('records and reads with the privileges of steptrail_writer alone', async () => {
    const { database } = trail
    const executionId = await newExecution(database)
    const from = await trail.feedCursor('now')
    const old = operation({ id: uuidV7(Date.parse('2024-05-06T07:08:09Z')) })
    const recorded = await database.transaction((tx) => trail.recordIn(tx, [operation({ executionId }), old]))
    expect(recorded.map((event) => event.outcome)).toEqual(['created', 'created'])
    expect((await trail.listEvents({ executionId })).items).toHaveLength(1)
    expect(await trail.getExecutionTimeline(executionId)).toHaveLength(1)
    expect(await trail.getExecutionAuditHistory(executionId)).toEqual({ items: [], nextCursor: null })
    expect((await trail.follow({ from }).next()).value?.events).toHaveLength(2)
  })

  it('takes what is recorded, also where row-level security refuses COPY', async () => {
    const { written } = await trail.flush()
    for (let time = 0; time < 3; time++) {
      await trail.recordDurably(operation({ message: 'by whoever may only write' }))
      expect((await trail.flush()).written).toBe(written + time + 1)
    }
  })

  it('reads as steptrail_reader what belongs to its tenant, and nothing else', async () => {
    const [ours, theirs] = [
      await newExecution(owner, { tenant: 'acme' }),
      await newExecution(owner, { tenant: 'globex' }),
    ]
    await owner.transaction((tx) =>
      trail.recordIn(tx, [operation({ executionId: ours }), operation({ executionId: theirs })]),
    )
    const asReader = <T>(work: (reader: { readonly query: Query }) => Promise<T>): Promise<T> =>
      owner.transaction(
        async (tx) => {
          await tx('set local role steptrail_reader')
          await tx(`set local steptrail.tenant = 'acme'`)
          return work({ query: tx })
        },
        { readOnly: true },
      )
    const { items } = await asReader((reader) => listEvents(reader))
    expect(items.map((event) => event.executionId)).toEqual([ours])
    expect(await asReader((reader) => getExecutionTimeline(reader, ours))).toHaveLength(1)
    const notFound = { code: 'execution_not_found' }
    await expect(asReader((reader) => getExecutionEvents(reader, theirs))).rejects.toMatchObject(notFound)
    await expect(asReader((reader) => getExecutionAuditHistory(reader, theirs))).rejects.toMatchObject(
      notFound,
    )
  })
})
