import type { Database } from '@steptrail/core'
import { importHistory, type Imported } from '@steptrail/temporal/history'
import type { Command } from 'commander'
import {
  type CommonFlags,
  terminalFor,
  withCommonOptions,
  withTrail,
  writeJson,
  writeLines,
} from '../command-scope.ts'
import { readHistoryFile } from '../import/history-file.ts'
import { type Undoes, undoesOption } from '../import/undoes-option.ts'
import { withProgress } from '../progress.ts'
import type { Surroundings } from '../surroundings.ts'
import { drawTable } from '../terminal/table.ts'

interface Flags extends CommonFlags {
  readonly namespace: string
  readonly workflowId?: string
  readonly undoes: Undoes
  readonly tenant: string
}

type History = Awaited<ReturnType<typeof readHistoryFile>>

/** `steptrail import temporal`: histories of workflows that Temporal has exported. */
export function addImportTemporal(importing: Command, surroundings: Surroundings): void {
  const command = importing
    .command('temporal')
    .description(
      'Put histories of Temporal on record, a run of a workflow in each file, as `temporal workflow show --output json` and the Web UI write them. All files are read before anything is written. Done twice, it records nothing twice; a history that has grown goes on where it ended.',
    )
    .argument('<files...>', 'histories, as JSON')
    .option('--namespace <name>', 'where they are from', 'default')
    .option('--workflow-id <id>', 'of histories that do not name their workflow, as from servers before 1.24')
    .addOption(undoesOption())
    .option('--tenant <name>', 'whose executions they become', 'default')
  withCommonOptions(command, [
    ['import temporal order-17.json', 'one run of a workflow'],
    ['import temporal order-17.json --undoes release=reserve', 'what release does undoes reserve'],
    ['executions list --correlation-id order-17', 'find it by the id of its workflow'],
  ]).action(async (files: readonly string[], flags: Flags) => {
    const histories: History[] = []
    for (const file of files) histories.push(await readHistoryFile(file, flags.workflowId))
    await withTrail(flags, surroundings, async (database) => {
      const imported = await importAll(database, histories, { flags, surroundings })
      if (flags.json) return writeJson(surroundings, { imported })
      writeLines(surroundings, drawImported(imported, surroundings))
    })
  })
}

interface Importing {
  readonly flags: Flags
  readonly surroundings: Surroundings
}

const importAll = (
  database: Database,
  histories: readonly History[],
  { flags: { namespace, undoes, tenant }, surroundings }: Importing,
): Promise<readonly Imported[]> =>
  withProgress('Importing', surroundings, async ({ say }) => {
    const imported: Imported[] = []
    for (const history of histories) {
      surroundings.signal.throwIfAborted()
      say(`Importing ${history.workflowId}: ${history.events.length} events`)
      const options = { namespace, undoes, tenant, isBackfilled: true }
      imported.push(await importHistory(database, history, options))
    }
    return imported
  })

function drawImported(imported: readonly Imported[], surroundings: Surroundings): readonly string[] {
  const rows = imported.map(({ workflowId, executionId, historyEvents, recorded }) => [
    { text: workflowId },
    { text: executionId },
    { text: String(historyEvents) },
    { text: String(recorded) },
  ])
  return drawTable(
    [
      { title: 'workflow' },
      { title: 'execution' },
      { title: 'events', align: 'right' },
      { title: 'new on record', align: 'right' },
    ],
    rows,
    terminalFor(surroundings),
  )
}
