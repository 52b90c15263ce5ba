import { randomUUID } from 'node:crypto'
import { describeOnBoth } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { type SourceLease, takeLease } from './source-lease.ts'

describeOnBoth('a lease of a source', (open) => {
  it('is taken by another when it is over, also when the clock was months ahead and has been set back', async () => {
    const database = await open()
    const sourceId = randomUUID()
    const lease = (holder: string): SourceLease => ({ sourceId, engine: 'temporal', holder, forMs: 60_000 })
    const setTakenAt = (ago: string) =>
      database.query('update observed_sources set recorded_at = clock_timestamp() - $1::interval', [ago])
    expect(await takeLease(database, lease('one'))).toBe(true)
    expect(await takeLease(database, lease('other'))).toBe(false)
    await setTakenAt('61 seconds')
    expect(await takeLease(database, lease('other'))).toBe(true)
    await setTakenAt('-3 months')
    expect(await takeLease(database, lease('one'))).toBe(true)
    expect(await takeLease(database, lease('other'))).toBe(false)
  })
})
