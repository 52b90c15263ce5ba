import { formatDuration } from '../terminal/duration.ts'
import type { Style, Terminal } from '../terminal/terminal.ts'
import { cut, padEnd, printable, widthOf } from '../terminal/text.ts'
import { glyphsFor } from './glyphs.ts'
import type { Timeline, TimelineStatus } from './model.ts'

/** What an execution is and how it went, before its chart. */
export function drawHeader(timeline: Timeline, terminal: Terminal): readonly string[] {
  const { ellipsis } = glyphsFor(terminal)
  const workflow = printable(`${timeline.workflowName} ${timeline.workflowVersion}`)
  const status = statusLabel(timeline.status, terminal)
  const duration = formatDuration(timeline.to - timeline.from)
  const room = terminal.width - widthOf(status) - widthOf(duration) - 4
  const title = `${terminal.paint('bold', cut(workflow, room, ellipsis))}  ${status}`
  return [
    padEnd(title, terminal.width - widthOf(duration)) + terminal.paint('bold', duration),
    ...fieldsOf(timeline).map(
      ([name, value]) =>
        terminal.paint('dim', padEnd(name, labelWidth)) +
        cut(printable(value), terminal.width - labelWidth, ellipsis),
    ),
  ]
}

const labelWidth = 13

function fieldsOf(timeline: Timeline): readonly (readonly [name: string, value: string])[] {
  const { correlationId, reason, failedStep } = timeline
  return [
    ['execution', timeline.executionId] as const,
    ...(correlationId !== null && correlationId !== timeline.executionId
      ? [['correlation', correlationId] as const]
      : []),
    ['started', `${new Date(timeline.from).toISOString().replace('T', ' ').replace('Z', ' UTC')}`] as const,
    ...(reason !== null
      ? [['reason', failedStep === null ? reason : `${failedStep}: ${reason}`] as const]
      : []),
  ]
}

/** The status of an execution as people say it, with its mark and colour. */
export function statusLabel(status: TimelineStatus, terminal: Terminal): string {
  const { words, mark, plain, styles } = labels[status]
  return terminal.paint(styles, `${terminal.unicode ? mark : plain} ${words}`)
}

const labels: Readonly<
  Record<TimelineStatus, { words: string; mark: string; plain: string; styles: readonly Style[] }>
> = {
  pending: { words: 'pending', mark: '·', plain: '.', styles: ['dim'] },
  running: { words: 'running', mark: '▶', plain: '>', styles: ['cyan'] },
  paused: { words: 'paused', mark: '‖', plain: '=', styles: ['yellow'] },
  blocked: { words: 'blocked, waits for an operator', mark: '!', plain: '!', styles: ['yellow', 'bold'] },
  rolling_back: { words: 'rolling back', mark: '↶', plain: '<', styles: ['magenta'] },
  completed: { words: 'completed', mark: '✓', plain: '+', styles: ['green'] },
  failed: { words: 'failed, rolled back', mark: '↶', plain: 'x', styles: ['red'] },
  rollback_failed: { words: 'failed, rollback failed', mark: '✗', plain: 'x', styles: ['red', 'bold'] },
  cancelled: { words: 'cancelled', mark: '⊘', plain: '/', styles: ['yellow'] },
}
