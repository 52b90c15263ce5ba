import { type Timeline, formatDuration } from '@steptrail/workflow/timeline'
import type { Terminal } from '../terminal/terminal.ts'
import { cut, padEnd, printable, widthOf, wrap } from '../terminal/text.ts'
import { glyphsFor } from './glyphs.ts'
import { statusLabel } from './status-label.ts'

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
    ...fieldsOf(timeline).flatMap(([name, value]) =>
      wrap(printable(value), terminal.width - labelWidth).map(
        (line, index) => terminal.paint('dim', padEnd(index === 0 ? name : '', labelWidth)) + line,
      ),
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
    ['started', new Date(timeline.from).toISOString().replace('T', ' ').replace('Z', ' UTC')] as const,
    ...(reason !== null
      ? [['reason', failedStep === null ? reason : `${failedStep}: ${reason}`] as const]
      : []),
  ]
}
