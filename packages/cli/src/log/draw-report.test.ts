import type { PackVerdict } from '@steptrail/verify'
import { expect, it } from 'vitest'
import { terminalOf } from '../terminal/terminal.ts'
import { drawPackVerdict, drawTrailReport } from './draw-report.ts'

const plain = terminalOf({ columns: 100 }, { NO_COLOR: '1' })
/** What clears the line above in a terminal, as the first half of a pair and as one character. */
const clearing = '\u001b[1A\u001b[2K\u009b2K'

it('shows of a pack what the terminal may not take for orders of ours', () => {
  const verdict: PackVerdict = {
    ok: true,
    executionId: `e${clearing}`,
    events: 1,
    origin: `log.example${clearing}`,
    size: 1,
    signedAt: null,
    signedBy: [`key${clearing}`],
    earlierLogs: [{ origin: `before${clearing}`, size: 1 }],
    keyFrom: 'pack',
    hasEnded: true,
  }
  const lines = drawPackVerdict(verdict, plain)
  expect(lines.join(' ')).not.toMatch(/\p{Cc}/u)
  expect(lines[0]).toMatch(/^ok execution e *: 1 event in the log, unaltered, complete and conforming$/)
})

it('shows of a log what the terminal may not take for orders of ours', () => {
  const lines = drawTrailReport(
    {
      outcome: 'verified',
      logs: [
        {
          origin: `log.example${clearing}`,
          size: 1,
          verified: 1,
          from: 0,
          dropped: 0,
          wholeFrom: 0,
          erased: 0,
          unsigned: 0,
          signedAt: null,
          signedBy: [`key${clearing}`],
          endedAt: null,
        },
      ],
      executions: { ended: 1, open: 0 },
      lag: { unsealed: 0, oldestAt: null },
      defect: null,
      keysFrom: 'given',
      position: null,
    },
    plain,
    0,
  )
  expect(lines.join(' ')).not.toMatch(/\p{Cc}/u)
})
