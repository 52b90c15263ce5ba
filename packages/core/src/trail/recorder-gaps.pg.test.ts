import { describeOnBoth } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { operation } from '../../test/recording.ts'
import { readRecorderGaps } from './recorder-gaps.ts'
import { createTrail } from './trail.ts'

const invalid = operation({ action: '' })
const soon = { settledMs: 0 }

describeOnBoth('numbers that are missing between the events of a recorder', (open) => {
  it('are counted for each recorder, the largest loss first', async () => {
    const database = await open()
    const logger = { warn: () => {}, error: () => {} }
    await using whole = createTrail(database)
    await using lossy = createTrail(database, { recorder: { serviceName: 'lossy', logger } })
    await using worse = createTrail(database, { recorder: { serviceName: 'worse', logger } })
    for (const trail of [whole, lossy, worse]) trail.record(operation())
    for (const trail of [lossy, worse, worse, worse]) trail.record(invalid)
    for (const trail of [whole, lossy, worse]) trail.record(operation())
    worse.record(invalid)
    for (const trail of [whole, lossy, worse]) await trail.flush()
    const lastAt = expect.stringMatching(/Z$/)
    const { serviceName } = operation()
    expect(await readRecorderGaps(database, soon)).toEqual([
      { recorderId: worse.recorder.id, serviceName: serviceName ?? 'worse', missing: 3, lastAt },
      { recorderId: lossy.recorder.id, serviceName: serviceName ?? 'lossy', missing: 1, lastAt },
    ])
  })

  it('are not told of while others may be about to commit, nor long after', async () => {
    const database = await open()
    await using trail = createTrail(database, { recorder: { logger: { warn: () => {}, error: () => {} } } })
    for (const event of [operation(), invalid, operation()]) trail.record(event)
    await trail.flush()
    expect(await readRecorderGaps(database)).toEqual([])
    expect(await readRecorderGaps(database, { ...soon, withinMs: 0 })).toEqual([])
    expect(await readRecorderGaps(database, soon)).toHaveLength(1)
  })

  it('are told of in a trail that came with a dump from a database in which more transactions have been', async () => {
    const database = await open()
    await using before = createTrail(database)
    for (let number = 0; number < 6; number += 1) before.record(operation())
    await before.flush()
    await database.query('alter table audit_event disable trigger trg_refuse_change')
    await database.query('update audit_event set tx = tx + 1000000')
    await database.query('alter table audit_event enable always trigger trg_refuse_change')
    await using trail = createTrail(database, { recorder: { logger: { warn: () => {}, error: () => {} } } })
    for (const event of [operation(), invalid, operation()]) trail.record(event)
    await trail.flush()
    expect(await readRecorderGaps(database, { ...soon, events: 4 })).toHaveLength(1)
  })

  it('are told of as far as the newest events show them', async () => {
    const database = await open()
    await using trail = createTrail(database, { recorder: { logger: { warn: () => {}, error: () => {} } } })
    for (const event of [operation(), invalid, operation(), operation(), operation(), operation()])
      trail.record(event)
    await trail.flush()
    await using other = createTrail(database)
    for (let number = 0; number < 6; number += 1) other.record(operation())
    await other.flush()
    expect(await readRecorderGaps(database, { ...soon, events: 100 })).toHaveLength(1)
    expect(await readRecorderGaps(database, { ...soon, events: 8 })).toEqual([])
  })
})
