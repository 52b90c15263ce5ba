import type { AuditEvent } from '@steptrail/event'
import type { Terminal } from '../terminal/terminal.ts'
import { cut, printable } from '../terminal/text.ts'
import { drawEntry, entryOf } from './event-entry.ts'
import { glyphsFor } from './glyphs.ts'

/** Wide enough for the built-in types, and for most steps; what follows a longer one is shifted. */
const columns = { type: 'ORCHESTRATION_COMPLETED'.length, subject: 22 } as const

/** One event, as one line where there is room: when, type, what it is about, and what it says. */
export const drawEvent = (event: AuditEvent, when: string, terminal: Terminal): readonly string[] =>
  drawEntry(entryOf(event, terminal), { lead: ` ${when} `, columns, terminal })

/** Draws events of any executions as they come: a heading whenever another execution has the word. */
export class EventStream {
  readonly #terminal: Terminal
  #heading: string | null = null

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /** The lines of one event, with its time in UTC. */
  lines(event: AuditEvent): readonly string[] {
    const lines = drawEvent(event, event.timestamp.slice(11, 23), this.#terminal)
    const heading = headingOf(event)
    if (heading === this.#heading) return lines
    this.#heading = heading
    const shown = cut(heading, this.#terminal.width, glyphsFor(this.#terminal).ellipsis)
    return [this.#terminal.paint('bold', shown), ...lines]
  }
}

function headingOf(event: AuditEvent): string {
  const day = event.timestamp.slice(0, 10)
  if (event.executionId === null) return printable(`${day} ${event.serviceName ?? 'system'}`)
  const workflow = [event.workflowName, event.workflowVersion].filter((text) => text !== null).join(' ')
  return printable(`${day} ${event.executionId} ${workflow}`.trimEnd())
}
