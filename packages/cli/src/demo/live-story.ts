import type { AuditEvent } from '@steptrail/event'
import type { Progress } from '@steptrail/example-tenant-provisioning'
import { formatDuration } from '@steptrail/workflow/timeline'
import type { Terminal } from '../terminal/terminal.ts'
import { padStart, printable, wrap } from '../terminal/text.ts'
import { drawEvent } from '../timeline/event-stream.ts'

/** Tells a demo as it happens: each scenario, its events, and what happens to it from outside. */
export class LiveStory {
  readonly #terminal: Terminal
  readonly #write: (lines: readonly string[]) => void
  readonly #starts = new Map<string, number>()
  #scenarios = 0

  constructor(terminal: Terminal, write: (lines: readonly string[]) => void) {
    this.#terminal = terminal
    this.#write = write
  }

  /** An event, with the time since the first of its execution. */
  event(event: AuditEvent): void {
    const at = Date.parse(event.timestamp)
    const key = event.executionId ?? ''
    const start = this.#starts.get(key) ?? at
    this.#starts.set(key, start)
    this.#write(drawEvent(event, padStart(`+${formatDuration(at - start)}`, whenWidth), this.#terminal))
  }

  progress(progress: Progress): void {
    const { paint, width, unicode } = this.#terminal
    if (progress.kind === 'workers')
      this.#write(
        wrap(
          `Four worker services have started, ${progress.text}. Each line with a time is an event, read from the trail as it is committed.`,
          width,
        ),
      )
    if (progress.kind === 'note') {
      const [first = '', ...rest] = wrap(printable(progress.text), width - noteIndent - 2)
      const mark = `${' '.repeat(noteIndent)}${unicode ? '●' : '*'} `
      this.#write(
        [mark + first, ...rest.map((line) => ' '.repeat(noteIndent + 2) + line)].map((line) =>
          paint('cyan', line),
        ),
      )
    }
    if (progress.kind === 'scenario') {
      this.#scenarios += 1
      const { scenario, tenant } = progress
      this.#write([
        '',
        paint('bold', `${this.#scenarios}  ${tenant}: ${scenario.title}`),
        ...wrap(scenario.story, width - 3).map((line) => paint('dim', `   ${line}`)),
      ])
    }
  }
}

const whenWidth = 8
const noteIndent = whenWidth + 2
