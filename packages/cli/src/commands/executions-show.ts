import type { ExecutionView } from '@steptrail/core'
import { toEventJson } from '@steptrail/event'
import type { Command } from 'commander'
import {
  type CommonFlags,
  terminalFor,
  withCommonOptions,
  withTrail,
  writeJson,
  writeLines,
} from '../command-scope.ts'
import { readExecution, timelineOfRecord } from '../execution-record.ts'
import type { Surroundings } from '../surroundings.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { printable } from '../terminal/text.ts'
import { drawTimeline } from '../timeline/draw.ts'
import { drawEvents } from '../timeline/event-list.ts'

interface Flags extends CommonFlags {
  readonly events?: boolean
}

/** `steptrail executions show`: one execution as a timeline, and its events. */
export function addExecutionsShow(executions: Command, surroundings: Surroundings): void {
  const command = executions
    .command('show')
    .description('Draw the timeline of an execution: its steps, attempts, waiting, back-off and rollback.')
    .argument('<execution-id>', 'the id, as `steptrail executions list` shows it')
    .option('--events', 'list its events as well')
  withCommonOptions(command, [
    ['executions show 0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11', 'its timeline'],
    ['executions show 0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11 --events', 'and every event'],
  ]).action(async (executionId: string, flags: Flags) => {
    await withTrail(flags, surroundings, async (database) => {
      const record = await readExecution(database, executionId)
      if (flags.json)
        return writeJson(surroundings, {
          execution: record.execution,
          events: record.events.map(toEventJson),
        })
      const terminal = terminalFor(surroundings)
      writeLines(surroundings, [
        ...drawTimeline(timelineOfRecord(record, Date.now()), terminal),
        ...unattended(record.execution, terminal),
        ...(flags.events ? ['', ...drawEvents(record.events, terminal)] : []),
      ])
    })
  })
}

/** Steps that wait for a worker that is not there. */
function unattended({ unattended: steps }: ExecutionView, { paint }: Terminal): readonly string[] {
  return steps.map(({ stepName, operationType, service }) =>
    paint(
      'yellow',
      printable(`  No live worker performs ${stepName} ${operationType}: start one of ${service}.`),
    ),
  )
}
