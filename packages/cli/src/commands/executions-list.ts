import { type ExecutionSummary, listExecutions } from '@steptrail/core'
import { executionStates } from '@steptrail/workflow'
import { type Command, Option } from 'commander'
import {
  type CommonFlags,
  terminalFor,
  withCommonOptions,
  withTrail,
  writeJson,
  writeLines,
} from '../command-scope.ts'
import { instantOf, wholeNumber } from '../option-values.ts'
import type { Surroundings } from '../surroundings.ts'
import { formatDuration } from '@steptrail/workflow/timeline'
import { type Cell, drawTable } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { statusMark, statusStyles } from '../timeline/status-label.ts'

interface Flags extends CommonFlags {
  readonly workflow?: string
  readonly status?: (typeof executionStates)[number]
  readonly correlationId?: string
  readonly tenant?: string
  readonly since?: string
  readonly until?: string
  readonly limit: number
  readonly cursor?: string
}

/** `steptrail executions list`: a page of executions, the newest first. */
export function addExecutionsList(executions: Command, surroundings: Surroundings): void {
  const command = executions
    .command('list')
    .description('List executions, the newest first.')
    .option('--workflow <name>', 'of this workflow')
    .addOption(new Option('--status <status>', 'in this status').choices(executionStates))
    .option('--correlation-id <id>', 'with this correlation id')
    .option('--tenant <name>', 'of this tenant')
    .option(
      '--since <time>',
      'created at this time or later: ISO 8601, or an age such as 30m, 12h, 7d',
      instantOf,
    )
    .option('--until <time>', 'created before this time', instantOf)
    .option('--limit <number>', 'at most so many, 1 to 1000', wholeNumber, 20)
    .option('--cursor <cursor>', 'the page after the one that ended with this cursor')
  withCommonOptions(command, [
    ['executions list', 'the last 20'],
    ['executions list --status failed --since 24h', 'what failed since yesterday'],
    ['executions list --json --limit 1000', 'for a program'],
  ]).action(async (flags: Flags) => {
    await withTrail(flags, surroundings, async (database) => {
      const { workflow: workflowName, status, correlationId, tenant, since, until, limit, cursor } = flags
      const filter = { workflowName, status, correlationId, tenant, since, until, limit, cursor }
      const { items, nextCursor } = await listExecutions(database, filter)
      if (flags.json) return writeJson(surroundings, { executions: items, nextCursor })
      writeLines(surroundings, listed(items, nextCursor, terminalFor(surroundings)))
    })
  })
}

function listed(
  items: readonly ExecutionSummary[],
  nextCursor: string | null,
  terminal: Terminal,
): readonly string[] {
  if (items.length === 0) return ['No execution matches. `steptrail demo` makes some.']
  const table = drawTable(
    [
      { title: 'execution' },
      { title: 'workflow', gives: 1, least: 12 },
      { title: 'status' },
      { title: 'created (UTC)', gives: 5 },
      { title: 'duration', align: 'right' },
      { title: 'steps', align: 'right', gives: 3 },
      { title: 'retries', align: 'right', gives: 2 },
      { title: 'undone', align: 'right', gives: 4 },
      { title: 'correlation id', gives: 6, least: 12 },
    ],
    items.map((item) => rowOf(item, terminal)),
    terminal,
  )
  return nextCursor === null ? table : [...table, '', `There are more: --cursor ${nextCursor}`]
}

const rowOf = (item: ExecutionSummary, terminal: Terminal): readonly Cell[] => [
  { text: item.executionId },
  { text: `${item.workflowName} ${item.workflowVersion}` },
  { text: `${statusMark(item.status, terminal)} ${item.status}`, styles: statusStyles(item.status) },
  { text: item.createdAt.slice(0, 19).replace('T', ' '), styles: ['dim'] },
  { text: item.durationMs === null ? '' : formatDuration(item.durationMs) },
  { text: `${item.completedSteps}/${item.totalSteps}` },
  { text: String(item.retries), styles: item.retries > 0 ? ['yellow'] : ['dim'] },
  { text: String(item.rolledBackSteps), styles: item.rolledBackSteps > 0 ? ['magenta'] : ['dim'] },
  { text: item.correlationId === item.executionId ? '' : item.correlationId, styles: ['dim'] },
]
