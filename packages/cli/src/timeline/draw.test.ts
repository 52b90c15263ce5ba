import { describe, expect, it } from 'vitest'
import { orchestrationStarted, recorded, start, worked } from '@steptrail/testkit/recorded-events'
import { afterRetries, rolledBack, straightThrough } from '@steptrail/testkit/recorded-events'
import { type Environment, terminalOf } from '../terminal/terminal.ts'
import { drawTimeline } from './draw.ts'
import { drawEvents } from './event-list.ts'
import { timelineOf } from '@steptrail/workflow/timeline'

const unicode: Environment = { LANG: 'en_GB.UTF-8' }
const ascii: Environment = { LANG: 'C' }

const drawn = (events: Parameters<typeof timelineOf>[0], env: Environment, columns = 80): string =>
  `\n${drawTimeline(timelineOf(events, { now: start }), terminalOf({ columns }, env)).join('\n')}\n`

const chartWidth = (columns: number): number =>
  drawn(rolledBack, unicode, columns).match(/╰(─+)╯/)?.[1]?.length ?? 0

describe('a drawn timeline', () => {
  it('of a run that went straight through', () => {
    expect(drawn(straightThrough, unicode)).toBe(`
tenant-provisioning 1.0.0  ✓ completed                                    1.18 s
execution    019a4e5c-7f00-7abc-8def-0123456789ab
correlation  request-4711
started      2025-11-04 10:00:00.000 UTC

                          0            500 ms        1 s
  step              op   ╭┬────────────┬─────────────┬─────╮ attempts   duration
✓ createRealm       DO   │···▇▇▇▇▇▇▇▇▇▇▇▇                  │        1     519 ms
✓ createClient      DO   │               ·▇                │        1      89 ms
✓ setupDefaultRoles DO   │                 ▇               │        1       0 ms
✓ createDefaultUser DO   │                 ···▇▇▇▇▇▇▇▇▇▇▇▇▇│        1     567 ms
                         ╰─────────────────────────────────╯
  ▇ attempt that worked   · waiting for a worker
`)
  })

  it('of a run that succeeded after retries', () => {
    expect(drawn(afterRetries, unicode)).toBe(`
tenant-provisioning 1.0.0  ✓ completed                                    31.0 s
execution    019a4e5c-7f00-7abc-8def-0123456789ab
correlation  request-4711
started      2025-11-04 10:00:00.000 UTC

                          0         10 s       20 s    30 s
  step              op   ╭┬─────────┬──────────┬─────────┬─╮ attempts   duration
✓ createRealm       DO   │▇▇▇▇▇▇                           │        1     5.23 s
✓ createClient      DO   │      ▇▇▇▇✗░░░░░▇▇▇▇◷░░░░░░··▇   │        3     23.2 s
✓ setupDefaultRoles DO   │                              ▇  │        1     543 ms
✓ createDefaultUser DO   │                               ▇▇│        1     1.99 s
                         ╰─────────────────────────────────╯
  ▇ attempt that worked   ✗ failed   ◷ timed out   ░ back-off before a retry
  · waiting for a worker
  ✗ createClient DO, attempt 1: Connection refused
  ✗ createClient DO, attempt 2: no answer within 4,970 ms
`)
  })

  it('of a rollback, where UNDO reads in reverse', () => {
    expect(drawn(rolledBack, unicode)).toBe(`
tenant-provisioning 1.0.0  ↶ failed, rolled back                          7.00 s
execution    019a4e5c-7f00-7abc-8def-0123456789ab
correlation  request-4711
started      2025-11-04 10:00:00.000 UTC
reason       setupDefaultRoles: duplicate key value violates unique constraint
             "role_name_is_unique"

                          0        2 s      4 s       6 s
  step              op   ╭┬────────┬────────┬─────────┬────╮ attempts   duration
✓ createRealm       DO   │▇                           ┊    │        1     299 ms
✓ createClient      DO   │ ·▇                         ┊    │        1     399 ms
✗ setupDefaultRoles DO   │   ✗░░✗░░░░▇▇▇▇▇▇†░░░░░░░░░░✗    │        4     5.29 s
  createDefaultUser DO   │                            ┊    │        –  never ran
  rollback               ├────────────────────────────┼────┤
↶ setupDefaultRoles UNDO │                            ▇    │        1     196 ms
↶ createClient      UNDO │                            ┊▇▇  │        1     299 ms
↶ createRealm       UNDO │                            ┊  ▇▇│        1     499 ms
                         ╰─────────────────────────────────╯
  ▇ attempt that worked   ✗ failed   † worker lost   ▇ undone
  ░ back-off before a retry   · waiting for a worker   ┊ rollback triggered
  ✗ setupDefaultRoles DO, attempts 1-2, 4:
    duplicate key value violates unique constraint "role_name_is_unique"
  ✗ setupDefaultRoles DO, attempt 3: worker lost
`)
  })

  it('uses nothing but ASCII where the terminal has no more', () => {
    const text = drawn(rolledBack, ascii)
    expect(text).toBe(`
tenant-provisioning 1.0.0  x failed, rolled back                          7.00 s
execution    019a4e5c-7f00-7abc-8def-0123456789ab
correlation  request-4711
started      2025-11-04 10:00:00.000 UTC
reason       setupDefaultRoles: duplicate key value violates unique constraint
             "role_name_is_unique"

                          0        2 s      4 s       6 s
  step              op   ++--------+--------+---------+----+ attempts   duration
+ createRealm       DO   |#                           :    |        1     299 ms
+ createClient      DO   | .#                         :    |        1     399 ms
x setupDefaultRoles DO   |   x~~x~~~~######!~~~~~~~~~~x    |        4     5.29 s
  createDefaultUser DO   |                            :    |        -  never ran
  rollback               +----------------------------+----+
< setupDefaultRoles UNDO |                            #    |        1     196 ms
< createClient      UNDO |                            :##  |        1     299 ms
< createRealm       UNDO |                            :  ##|        1     499 ms
                         +---------------------------------+
  # attempt that worked   x failed   ! worker lost   # undone
  ~ back-off before a retry   . waiting for a worker   : rollback triggered
  x setupDefaultRoles DO, attempts 1-2, 4:
    duplicate key value violates unique constraint "role_name_is_unique"
  x setupDefaultRoles DO, attempt 3: worker lost
`)
    // oxlint-disable-next-line no-control-regex -- ASCII is what is looked for
    expect(text).toMatch(/^[\x00-\x7f]*$/)
  })

  it('puts more detail into the chart of a wider terminal', () => {
    expect([chartWidth(80), chartWidth(140)]).toEqual([33, 93])
  })

  it('paints what worked, what failed, back-off, and what was undone differently', () => {
    const text = drawn(rolledBack, { ...unicode, FORCE_COLOR: '1' })
    const escape = String.fromCodePoint(27)
    expect(text).toContain(`${escape}[32m▇`)
    expect(text).toContain(`${escape}[31m✗`)
    expect(text).toContain(`${escape}[33m░`)
    expect(text).toContain(`${escape}[35m▇`)
  })

  it('does not let a recorded text command the terminal', () => {
    const [first, ...rest] = recorded([orchestrationStarted(0), ...worked('createRealm', [1, 2, 3])])
    const events = [{ ...first!, correlationId: `${String.fromCodePoint(27)}[2Jgone` }, ...rest]
    expect(drawn(events, unicode)).toContain('correlation  gone\n')
  })
})

const listed = (columns: number): string =>
  `\n${drawEvents(rolledBack.slice(10, 16), terminalOf({ columns }, unicode)).join('\n')}\n`

describe('the list of events', () => {
  it('has a line for each event where there is room', () => {
    expect(listed(140)).toBe(`
seq time (UTC)     since  event                step
 11 10:00:03.900   +0 ms  STEP_FAILED          setupDefaultRoles DO attempt 3: worker lost
 12 10:00:03.901   +1 ms  STEP_RETRY_TRIGGERED setupDefaultRoles DO Retry attempt 3 of 3 in 2.00 s
 13 10:00:06.000 +2.10 s  STEP_FAILED          setupDefaultRoles DO attempt 4: Retry exhausted after 3 attempts (duplicate key value
                                                                    violates unique constraint "role_name_is_unique")
 14 10:00:06.001 +2.10 s  ORCHESTRATION_FAILED duplicate key value violates unique constraint "role_name_is_unique"
 15 10:00:06.002 +2.10 s  ROLLBACK_TRIGGERED   Step setupDefaultRoles failed
 16 10:00:06.003 +2.10 s  ROLLBACK_STARTED     setupDefaultRoles, createClient, createRealm
`)
  })

  it('puts what an event says below it where there is less', () => {
    expect(listed(80)).toBe(`
seq time (UTC)     since  event                step
 11 10:00:03.900   +0 ms  STEP_FAILED          setupDefaultRoles DO
                          attempt 3: worker lost
 12 10:00:03.901   +1 ms  STEP_RETRY_TRIGGERED setupDefaultRoles DO
                          Retry attempt 3 of 3 in 2.00 s
 13 10:00:06.000 +2.10 s  STEP_FAILED          setupDefaultRoles DO
                          attempt 4: Retry exhausted after 3 attempts (duplicate
                          key value violates unique constraint
                          "role_name_is_unique")
 14 10:00:06.001 +2.10 s  ORCHESTRATION_FAILED duplicate key value violates
                                               unique constraint
                                               "role_name_is_unique"
 15 10:00:06.002 +2.10 s  ROLLBACK_TRIGGERED   Step setupDefaultRoles failed
 16 10:00:06.003 +2.10 s  ROLLBACK_STARTED     setupDefaultRoles, createClient,
                                               createRealm
`)
  })

  it('puts the step below it where there is little', () => {
    expect(listed(60)).toBe(`
seq time (UTC)     since  event                step
 11 10:00:03.900   +0 ms  STEP_FAILED
                          setupDefaultRoles DO: attempt 3:
                          worker lost
 12 10:00:03.901   +1 ms  STEP_RETRY_TRIGGERED
                          setupDefaultRoles DO: Retry
                          attempt 3 of 3 in 2.00 s
 13 10:00:06.000 +2.10 s  STEP_FAILED
                          setupDefaultRoles DO: attempt 4:
                          Retry exhausted after 3 attempts
                          (duplicate key value violates
                          unique constraint
                          "role_name_is_unique")
 14 10:00:06.001 +2.10 s  ORCHESTRATION_FAILED
                          duplicate key value violates
                          unique constraint
                          "role_name_is_unique"
 15 10:00:06.002 +2.10 s  ROLLBACK_TRIGGERED
                          Step setupDefaultRoles failed
 16 10:00:06.003 +2.10 s  ROLLBACK_STARTED
                          setupDefaultRoles, createClient,
                          createRealm
`)
  })
})
