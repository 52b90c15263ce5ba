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
import { drawBar } from '../terminal/bar.ts'
import { drawTable } from '../terminal/table.ts'
import { terminalOf } from '../terminal/terminal.ts'

interface Flags extends CommonFlags {
  readonly namespace: string
  readonly workflowId?: string
  readonly undoes: Undoes
  readonly tenant: string
}

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
    await forEach(files, { doing: 'Reading', surroundings }, async (file) => {
      await readHistoryFile(file, flags.workflowId)
    })
    await withTrail(flags, surroundings, async (database) => {
      const imported = await importAll(database, files, { flags, surroundings })
      if (flags.json) return writeJson(surroundings, { imported })
      writeLines(surroundings, drawImported(imported, surroundings))
    })
  })
}

interface Importing {
  readonly flags: Flags
  readonly surroundings: Surroundings
}

/** All were read before, so that none is wrong; each is read again when it is its turn, so that one at a time is held. */
const importAll = (
  database: Database,
  files: readonly string[],
  { flags: { namespace, undoes, tenant, workflowId }, surroundings }: Importing,
): Promise<readonly Imported[]> =>
  forEach(files, { doing: 'Importing', surroundings }, async (file) => {
    const history = await readHistoryFile(file, workflowId)
    return await importHistory(database, history, { namespace, undoes, tenant, isBackfilled: true })
  })

interface Doing {
  readonly doing: string
  readonly surroundings: Surroundings
}

/** Does something with one file after the other, and shows how many are done. */
const forEach = <Result>(
  files: readonly string[],
  { doing, surroundings }: Doing,
  work: (file: string) => Promise<Result>,
): Promise<readonly Result[]> =>
  withProgress(doing, surroundings, async ({ say }) => {
    const { unicode } = terminalOf(surroundings.stderr, surroundings.env)
    const results: Result[] = []
    for (const file of files) {
      surroundings.signal.throwIfAborted()
      say(`${doing} ${drawBar({ done: results.length, total: files.length }, { unicode })}  ${file}`)
      results.push(await work(file))
    }
    return results
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
