import { historyOf, recorded, rolledBack, start } from '@steptrail/testkit/recorded-events'
import { timelineOf } from '@steptrail/workflow/timeline'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layoutChart, type PlacedLane } from './chart-layout.ts'
import { wholeView, within } from './viewport.ts'

const gap = fc.oneof(fc.constant(0), fc.nat(5), fc.nat(5_000), fc.nat(10_000_000))
const attempts = fc.array(fc.record({ waited: gap, worked: gap, backoff: gap, silent: fc.boolean() }), {
  minLength: 1,
  maxLength: 60,
})
const share = fc.double({ min: 0, max: 1, noNaN: true })

const completed = { at: 99_999_999_999, eventType: 'ORCHESTRATION_COMPLETED' }
const timelineFrom = (tries: Parameters<typeof historyOf>[0]) => {
  const sketches = historyOf(tries)
  return timelineOf(recorded([...sketches, { ...completed, at: (sketches.at(-1)?.at ?? 0) + 1 }]), {
    now: start,
  })
}
const lanesOf = (layout: ReturnType<typeof layoutChart>): readonly PlacedLane[] =>
  layout.items.filter((item) => item.kind === 'lane')

describe('the chart of whatever history', () => {
  it('has one bar for every attempt, and no two bars of a row touch the same pixel', () => {
    fc.assert(
      fc.property(attempts, fc.integer({ min: 40, max: 2_000 }), (tries, width) => {
        const timeline = timelineFrom(tries)
        for (const { lane, rows } of lanesOf(layoutChart(timeline, wholeView(timeline), width))) {
          const bars = rows.flat()
          const drawn = bars.filter(({ span }) => span.kind === 'attempt').map(({ span }) => span)
          expect(drawn).toEqual(lane.spans.filter(({ kind }) => kind === 'attempt'))
          for (const row of rows) expectApart(row, width)
        }
      }),
    )
  })

  it('has one bar for every attempt that a view touches, however close it is', () => {
    fc.assert(
      fc.property(
        attempts,
        share,
        share,
        fc.integer({ min: 40, max: 2_000 }),
        (tries, left, length, width) => {
          const timeline = timelineFrom(tries)
          const all = wholeView(timeline)
          const span = Math.max(2, (all.to - all.from) * length * length)
          const view = within(
            { from: all.from + (all.to - all.from) * left, to: all.from + (all.to - all.from) * left + span },
            all,
          )
          for (const { lane, rows } of lanesOf(layoutChart(timeline, view, width))) {
            const touched = lane.spans.filter(
              (each) => each.kind === 'attempt' && each.to >= view.from && each.from <= view.to,
            )
            expect(
              rows
                .flat()
                .filter(({ span: each }) => each.kind === 'attempt')
                .map(({ span: each }) => each),
            ).toEqual(touched)
            for (const row of rows) expectApart(row, width)
          }
        },
      ),
    )
  })

  it('has lanes below one another, without overlap or hole', () => {
    fc.assert(
      fc.property(attempts, fc.integer({ min: 40, max: 2_000 }), (tries, width) => {
        const timeline = timelineFrom(tries)
        const { items, height } = layoutChart(timeline, wholeView(timeline), width)
        let free = 0
        for (const item of items) {
          expect(item.top).toBe(free)
          free += item.height
        }
        expect(height).toBe(free)
      }),
    )
  })
})

describe('the chart of a rollback', () => {
  it('has DO lanes in the order of the plan, then UNDO lanes in reverse', () => {
    const timeline = timelineOf(rolledBack, { now: start })
    const { items, rollbacks } = layoutChart(timeline, wholeView(timeline), 600)
    expect(
      items.map((item) =>
        item.kind === 'lane' ? `${item.lane.operation} ${item.lane.stepName}` : 'rollback',
      ),
    ).toEqual([
      'DO createRealm',
      'DO createClient',
      'DO setupDefaultRoles',
      'DO createDefaultUser',
      'rollback',
      'UNDO setupDefaultRoles',
      'UNDO createClient',
      'UNDO createRealm',
    ])
    expect(rollbacks.map(({ mark }) => mark.step)).toEqual(['setupDefaultRoles'])
  })

  it('has round marks of time, which move with the view', () => {
    const timeline = timelineOf(rolledBack, { now: start })
    const close = { from: timeline.from + 2_100, to: timeline.from + 3_100 }
    const { ticks } = layoutChart(timeline, close, 500)
    expect(ticks.map(({ offsetMs }) => offsetMs)).toEqual([2200, 2400, 2600, 2800, 3000])
    expect(ticks.map(({ x }) => Math.round(x))).toEqual([50, 150, 250, 350, 450])
  })
})

function expectApart(row: PlacedLane['rows'][number], width: number): void {
  let free = 0
  for (const { column, width: barWidth, span } of row) {
    expect(column).toBeGreaterThanOrEqual(free)
    expect(barWidth).toBeGreaterThanOrEqual(span.kind === 'waiting' ? 1 : 3)
    free = column + barWidth
  }
  expect(free).toBeLessThanOrEqual(width)
}
