import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instantAt, leastSpanMs, moved, type View, wholeView, within, zoomed } from './viewport.ts'

const start = Date.parse('2025-11-04T10:00:00Z')
const bounds = fc
  .tuple(fc.nat(1_000_000_000), fc.integer({ min: leastSpanMs, max: 400_000_000 }))
  .map(([from, span]): View => ({ from: start + from, to: start + from + span }))
const share = fc.double({ min: 0, max: 1, noNaN: true })
const width = fc.integer({ min: 50, max: 4_000 })

/** Some bounds, and a view within them. */
const views = fc.tuple(bounds, share, share).map(([all, left, length]) => {
  const span = Math.max(leastSpanMs, (all.to - all.from) * length)
  const from = all.from + (all.to - all.from - span) * left
  return { all, view: within({ from, to: from + span }, all) }
})

/** Instants are about 1.7e12 ms, of which a double keeps about a ten-thousandth. */
const exact = 0.01

describe('zoom', () => {
  it('keeps the instant under the pointer when it goes closer', () => {
    fc.assert(
      fc.property(
        views,
        width,
        share,
        fc.double({ min: 1, max: 50, noNaN: true }),
        ({ all, view }, pixels, at, factor) => {
          const x = at * pixels
          const closer = zoomed(view, { x, width: pixels, factor }, all)
          expect(Math.abs(instantAt(x, closer, pixels) - instantAt(x, view, pixels))).toBeLessThan(exact)
        },
      ),
    )
  })

  it('keeps it when it goes back as well, or ends where there is no more to show', () => {
    fc.assert(
      fc.property(
        views,
        width,
        share,
        fc.double({ min: 0.02, max: 1, noNaN: true }),
        ({ all, view }, pixels, at, factor) => {
          const x = at * pixels
          const wider = zoomed(view, { x, width: pixels, factor }, all)
          const isKept = Math.abs(instantAt(x, wider, pixels) - instantAt(x, view, pixels)) < exact
          const isAtEdge = Math.abs(wider.from - all.from) < exact || Math.abs(wider.to - all.to) < exact
          expect(isKept || isAtEdge).toBe(true)
        },
      ),
    )
  })

  it('never shows what is outside, nor less than there is to see', () => {
    fc.assert(
      fc.property(
        views,
        width,
        share,
        fc.double({ min: 0.001, max: 1_000, noNaN: true }),
        ({ all, view }, pixels, at, factor) => {
          const next = zoomed(view, { x: at * pixels, width: pixels, factor }, all)
          expect(next.from).toBeGreaterThanOrEqual(all.from - exact)
          expect(next.to).toBeLessThanOrEqual(all.to + exact)
          expect(next.to - next.from).toBeGreaterThanOrEqual(Math.min(leastSpanMs, all.to - all.from) - exact)
        },
      ),
    )
  })

  it('there and back again is where one was', () => {
    fc.assert(
      fc.property(
        views,
        width,
        share,
        fc.double({ min: 1, max: 8, noNaN: true }),
        ({ all, view }, pixels, at, factor) => {
          fc.pre((view.to - view.from) / factor >= leastSpanMs)
          const zoom = { x: at * pixels, width: pixels }
          const back = zoomed(zoomed(view, { ...zoom, factor }, all), { ...zoom, factor: 1 / factor }, all)
          expect(Math.abs(back.from - view.from)).toBeLessThan(1)
          expect(Math.abs(back.to - view.to)).toBeLessThan(1)
        },
      ),
    )
  })
})

describe('a view', () => {
  it('moves as far as there is something, and keeps its length', () => {
    fc.assert(
      fc.property(views, fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), ({ all, view }, by) => {
        const next = moved(view, by, all)
        expect(next.to - next.from).toBeCloseTo(view.to - view.from, 2)
        expect(next.from).toBeGreaterThanOrEqual(all.from - exact)
        expect(next.to).toBeLessThanOrEqual(all.to + exact)
      }),
    )
  })

  it('of a moment has a length', () => {
    expect(wholeView({ from: 5, to: 5 })).toEqual({ from: 5, to: 5 + leastSpanMs })
  })
})
