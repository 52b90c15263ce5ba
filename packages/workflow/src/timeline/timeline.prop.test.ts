import { historyOf, recorded, start } from '@steptrail/testkit/recorded-events'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AttemptSpan, Span } from './lane.ts'
import { layoutLane } from './layout.ts'
import { timelineOf } from './model.ts'

const gap = fc.oneof(fc.constant(0), fc.nat(5), fc.nat(5_000), fc.nat(10_000_000))
const attempt = fc.record({ waited: gap, worked: gap, backoff: gap, silent: fc.boolean() })
const attempts = fc.array(attempt, { minLength: 1, maxLength: 60 })

const attemptsOf = (spans: readonly Span[]): readonly AttemptSpan[] =>
  spans.filter((span) => span.kind === 'attempt')

describe('whatever the history of a step', () => {
  it('its attempts are on the timeline once each, in order, with the times on record', () => {
    fc.assert(
      fc.property(attempts, (tries) => {
        const [lane] = timelineOf(recorded(historyOf(tries)), { now: start }).lanes
        const shown = attemptsOf(lane?.spans ?? [])
        expect(shown.map((span) => span.attempt)).toEqual(tries.map((_, index) => index + 1))
        expect(shown.map((span) => span.to - span.from)).toEqual(tries.map(({ worked }) => worked))
        expect(shown.slice(0, -1).map((span) => span.outcome)).toEqual(
          tries.slice(0, -1).map(({ silent }) => (silent ? 'worker_lost' : 'failed')),
        )
      }),
    )
  })

  it('its spans follow one another without overlap or hole', () => {
    fc.assert(
      fc.property(attempts, (tries) => {
        const [lane] = timelineOf(recorded(historyOf(tries)), { now: start }).lanes
        const spans = lane?.spans ?? []
        expect(spans[0]?.from).toBe(start + 1)
        for (const [index, span] of spans.entries()) {
          expect(span.to).toBeGreaterThanOrEqual(span.from)
          expect(spans[index + 1]?.from ?? span.to).toBe(span.to)
        }
      }),
    )
  })

  it('its bars do not overlap, keep the order of the attempts, fit the width, and no attempt is left out', () => {
    fc.assert(
      fc.property(
        attempts,
        fc.integer({ min: 3, max: 200 }),
        fc.integer({ min: 1, max: 3 }),
        (tries, width, leastColumns) => {
          const { lanes, from, to } = timelineOf(recorded(historyOf(tries)), { now: start })
          const spans = lanes[0]?.spans ?? []
          const rows = layoutLane(spans, { from, to, width, leastColumns })
          for (const row of rows) {
            let free = 0
            for (const bar of row) {
              expect(bar.column).toBeGreaterThanOrEqual(free)
              expect(bar.width).toBeGreaterThanOrEqual(bar.span.kind === 'waiting' ? 1 : leastColumns)
              free = bar.column + bar.width
            }
            expect(free).toBeLessThanOrEqual(width)
          }
          const drawn = rows.flat().map((bar) => bar.span)
          expect(drawn.filter((span) => span.kind !== 'waiting')).toEqual(
            spans.filter((span) => span.kind !== 'waiting'),
          )
        },
      ),
    )
  })
})
