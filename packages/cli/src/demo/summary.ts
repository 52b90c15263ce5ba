import type { ExecutionView } from '@steptrail/core'
import type { Check, ProvisioningReport } from '@steptrail/example-tenant-provisioning'
import type { ExecutionRecord } from '../execution-record.ts'
import { formatDuration } from '@steptrail/workflow/timeline'
import { type Cell, type Column, drawTable } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { cut, wrap } from '../terminal/text.ts'
import { statusMark, statusStyles } from '../timeline/status-label.ts'

/** What came of the demo: a line for each execution, what was found afterwards, and what to type next. */
export function drawSummary(
  { played, checks }: ProvisioningReport,
  records: ReadonlyMap<string, ExecutionRecord>,
  terminal: Terminal,
): readonly string[] {
  const rows = played.map(({ tenant, execution }) => {
    const record = records.get(execution.executionId)
    return rowOf(tenant, execution, { events: record?.events.length ?? 0, terminal })
  })
  return [
    terminal.paint('bold', 'Summary'),
    ...drawTable(columns, rows, terminal),
    '',
    terminal.paint('bold', 'Looked up afterwards in the database'),
    ...checks.flatMap((check) => drawCheck(check, terminal)),
  ]
}

const columns: readonly Column[] = [
  { title: 'tenant', gives: 1 },
  { title: 'outcome' },
  { title: 'attempts', align: 'right' },
  { title: 'retries', align: 'right' },
  { title: 'undone', align: 'right' },
  { title: 'events', align: 'right' },
  { title: 'duration', align: 'right' },
]

interface RowContext {
  readonly events: number
  readonly terminal: Terminal
}

function rowOf(tenant: string, execution: ExecutionView, { events, terminal }: RowContext): readonly Cell[] {
  const { status, steps, retries, rolledBackSteps, durationMs } = execution
  const attempts = steps.reduce((sum, step) => sum + step.attempt, 0)
  return [
    { text: tenant },
    { text: `${statusMark(status, terminal)} ${status}`, styles: statusStyles(status) },
    { text: String(attempts) },
    { text: String(retries), styles: retries > 0 ? ['yellow'] : ['dim'] },
    { text: String(rolledBackSteps), styles: rolledBackSteps > 0 ? ['magenta'] : ['dim'] },
    { text: String(events) },
    { text: formatDuration(durationMs ?? 0) },
  ]
}

function drawCheck({ name, passed, found }: Check, terminal: Terminal): readonly string[] {
  const [good, bad] = terminal.unicode ? ['✓', '✗'] : ['+', 'x']
  const mark = passed ? terminal.paint('green', good) : terminal.paint(['red', 'bold'], bad)
  const line = `${name}: ${found}`
  const [first = '', ...rest] = wrap(line, terminal.width - 4)
  return [`  ${mark} ${cut(first, terminal.width - 4)}`, ...rest.map((text) => `    ${text}`)]
}
