import type { Style, Terminal } from '../terminal/terminal.ts'
import type { TimelineStatus } from '@steptrail/workflow/timeline'

interface Label {
  readonly words: string
  readonly mark: string
  readonly plain: string
  readonly styles: readonly Style[]
}

const labels: Readonly<Record<TimelineStatus, Label>> = {
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

/** The sign of a status. */
export const statusMark = (status: TimelineStatus, terminal: Pick<Terminal, 'unicode'>): string =>
  terminal.unicode ? labels[status].mark : labels[status].plain

/** How a status is painted. */
export const statusStyles = (status: TimelineStatus): readonly Style[] => labels[status].styles

/** The status of an execution as people say it, with its sign and colour. */
export const statusLabel = (status: TimelineStatus, terminal: Terminal): string =>
  terminal.paint(statusStyles(status), `${statusMark(status, terminal)} ${labels[status].words}`)
