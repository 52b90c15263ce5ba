import { describe, expect, it } from 'vitest'
import type { Span } from './lane.ts'
import { columnOf, layoutLane, ticksOf } from './layout.ts'

const attempt = (from: number, to: number): Span => ({
  kind: 'attempt',
  from,
  to,
  attempt: 1,
  outcome: 'failed',
  workerUuid: null,
  error: null,
  outcomeSeq: null,
})

const drawn = (spans: readonly Span[], width: number, to = 100): readonly string[] =>
  layoutLane(spans, { from: 0, to, width }).map((bars) => {
    const cells = Array.from({ length: width }, () => ' ')
    for (const bar of bars) cells.fill(bar.span.kind[0]!, bar.column, bar.column + bar.width)
    return cells.join('')
  })

describe('the layout of a lane', () => {
  it('is in proportion to time', () => {
    const spans: readonly Span[] = [
      { kind: 'waiting', from: 0, to: 20 },
      attempt(20, 50),
      { kind: 'backoff', from: 50, to: 80 },
      attempt(80, 100),
    ]
    expect(drawn(spans, 10)).toEqual(['wwaaabbbaa'])
  })

  it('gives a column to an attempt of 0 ms, and keeps its place', () => {
    expect(drawn([attempt(50, 50)], 10)).toEqual(['     a    '])
    expect(drawn([attempt(100, 100)], 10)).toEqual(['         a'])
  })

  it('makes room to the left for attempts crowded at the right edge', () => {
    const spans: readonly Span[] = [
      attempt(0, 97),
      attempt(98, 98),
      { kind: 'backoff', from: 98, to: 99 },
      attempt(99, 100),
    ]
    expect(drawn(spans, 10)).toEqual(['aaaaaaaaba'])
  })

  it('does not draw waiting that is shorter than half a column', () => {
    expect(drawn([{ kind: 'waiting', from: 10, to: 14 }, attempt(14, 30)], 10)).toEqual([' aa       '])
  })

  it('goes on in a second row when there are more attempts than columns', () => {
    const spans = Array.from({ length: 12 }, (_, index) => attempt(index * 8, index * 8 + 8))
    expect(drawn(spans, 10).map((row) => row.replaceAll(' ', '').length)).toEqual([10, 2])
  })

  it('has room for 5,000 attempts', () => {
    const spans = Array.from({ length: 5_000 }, (_, index) => attempt(index * 2, index * 2 + 1))
    const rows = layoutLane(spans, { from: 0, to: 10_000, width: 80 })
    expect(rows).toHaveLength(63)
    expect(rows.flat()).toHaveLength(5_000)
  })

  it('has one empty row for a lane without spans', () => {
    expect(drawn([], 3)).toEqual(['   '])
  })

  it('stands a moment without length at the left', () => {
    expect(drawn([attempt(5, 5)], 4, 0)).toEqual(['a   '])
  })
})

describe('the time axis', () => {
  it('has round steps with room for their labels', () => {
    expect(ticksOf({ from: 0, to: 1000, width: 40 }, 10)).toEqual([
      { column: 0, offsetMs: 0 },
      { column: 20, offsetMs: 500 },
      { column: 39, offsetMs: 1000 },
    ])
  })

  it('has one mark when nothing takes any time', () => {
    expect(ticksOf({ from: 7, to: 7, width: 40 }, 10)).toEqual([{ column: 0, offsetMs: 0 }])
  })

  it('finds steps for years', () => {
    const years = 10 * 365 * 24 * 3600 * 1000
    expect(ticksOf({ from: 0, to: years, width: 40 }, 10).length).toBeGreaterThan(1)
  })

  it('keeps every instant within the chart', () => {
    const scale = { from: 10, to: 20, width: 5 }
    expect([columnOf(0, scale), columnOf(10, scale), columnOf(20, scale), columnOf(99, scale)]).toEqual([
      0, 0, 4, 4,
    ])
  })
})
