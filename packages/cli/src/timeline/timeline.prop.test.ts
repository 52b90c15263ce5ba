import { historyOf, recorded, start } from '@steptrail/testkit/recorded-events'
import { timelineOf } from '@steptrail/workflow/timeline'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { terminalOf } from '../terminal/terminal.ts'
import { widthOf } from '../terminal/text.ts'
import { drawTimeline } from './draw.ts'
import { drawEvents } from './event-list.ts'

const gap = fc.oneof(fc.constant(0), fc.nat(5), fc.nat(5_000), fc.nat(10_000_000))
const attempt = fc.record({ waited: gap, worked: gap, backoff: gap, silent: fc.boolean() })
const attempts = fc.array(attempt, { minLength: 1, maxLength: 60 })

describe('whatever the history of a step', () => {
  it('no line is wider than the terminal', () => {
    fc.assert(
      fc.property(
        attempts,
        fc.integer({ min: 60, max: 200 }),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
        (tries, columns, error) => {
          const events = recorded(historyOf(tries)).map((event) =>
            event.eventType === 'STEP_FAILED'
              ? { ...event, details: { ...event.details, errorMessage: error } }
              : event,
          )
          const terminal = terminalOf({ isTTY: true, columns }, { LANG: 'en_GB.UTF-8' })
          const timeline = timelineOf(events, { now: start })
          for (const line of [...drawTimeline(timeline, terminal), ...drawEvents(events, terminal)])
            expect(widthOf(line)).toBeLessThanOrEqual(columns)
        },
      ),
      { numRuns: 50 },
    )
  })
})
