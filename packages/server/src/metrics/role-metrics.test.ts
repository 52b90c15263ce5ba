import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { RunningIngester } from '../operation/roles.ts'
import { RoleMetrics } from './role-metrics.ts'

/** An ingester as a server is given it, of a stream that says this of what waits. */
const ingesterOf = (waiting: RunningIngester['waiting']): RunningIngester => ({
  state: 'ingesting',
  trouble: null,
  counts: { created: 3, duplicate: 1, conflict: 0, rejected: 0 },
  waiting,
})
const scrapeOf = (ingester?: RunningIngester): Promise<string> =>
  new RoleMetrics(ingester ? ['ingest'] : ['api'], ingester).text([])

describe('what a scrape tells of an ingester', () => {
  it('is how many messages wait, and that the stream answers', async () => {
    const text = await scrapeOf(ingesterOf(() => Promise.resolve(7)))
    expect(text).toContain('\nsteptrail_ingest_waiting_messages 7\n')
    expect(text).toContain('\nsteptrail_ingest_stream_answers 1\n')
  })

  it.each([
    ['says nothing', () => new Promise<number>(() => undefined)],
    ['cannot be asked', () => Promise.reject(new Error('no node'))],
  ])('is all the rest, within two seconds, where the stream %s', async (_, waiting) => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const scraped = scrapeOf(ingesterOf(waiting))
    await vi.advanceTimersByTimeAsync(2_000)
    const text = await scraped
    expect(text).toContain('steptrail_ingest_events_total{outcome="created"} 3\n')
    expect(text).not.toMatch(/^steptrail_ingest_waiting_messages /m)
    expect(text).toContain('\nsteptrail_ingest_stream_answers 0\n')
  })

  it('is nothing without one', async () => {
    expect(await scrapeOf()).not.toMatch(/^steptrail_ingest_(?:waiting|stream)\w+ /m)
  })
})
