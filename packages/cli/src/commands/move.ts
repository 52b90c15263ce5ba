import { eventsNotMoved, moveTrail, openDatabase } from '@steptrail/core'
import type { Command } from 'commander'
import {
  type CommonFlags,
  terminalFor,
  withCommonOptions,
  withTrail,
  writeJson,
  writeLines,
} from '../command-scope.ts'
import { withProgress } from '../progress.ts'
import type { Surroundings } from '../surroundings.ts'
import { drawTable } from '../terminal/table.ts'

interface Flags extends CommonFlags {
  readonly to: string
  readonly toSchema?: string
}

/** `steptrail move`: a trail copied whole into a PostgreSQL database that has none. */
export function addMove(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('move')
    .description(
      'Copy a trail whole into a PostgreSQL database that has none, and compare both. It needs a superuser there.',
    )
    .requiredOption('--to <url>', 'the PostgreSQL database to copy into')
    .option('--to-schema <name>', 'its schema (default: that of the trail)')
  withCommonOptions(command, [
    [
      'move --to postgres://postgres@db.example/app',
      'the embedded database, when one machine is not enough any more',
    ],
  ]).action(async (flags: Flags) => {
    await withTrail(flags, surroundings, async (from) => {
      await using to = await openDatabase({
        url: flags.to,
        schema: flags.toSchema ?? from.schema,
        program: 'steptrail',
      })
      const moved = await withProgress('Moving', surroundings, ({ say }) =>
        moveTrail(from, to, { onTable: (table, rows) => say(`Moving ${table}: ${rows} rows`) }),
      )
      const notMoved = await eventsNotMoved(from, moved)
      if (flags.json)
        return writeJson(surroundings, { from: from.name, to: to.name, tables: moved, notMoved })
      const rows = moved.map(({ table, rows: count, digest }) => [
        { text: table },
        { text: String(count) },
        { text: digest },
      ])
      writeLines(surroundings, [
        ...drawTable(
          [{ title: 'table' }, { title: 'rows', align: 'right' }, { title: 'digest' }],
          rows,
          terminalFor(surroundings),
        ),
        '',
        `Moved to ${to.name}: the same on both sides. ${from.name} is as it was; nothing should record there any more.`,
        ...(notMoved > 0
          ? [
              `${notMoved} events were recorded there meanwhile and are not in the copy: stop whatever records, and move again into an empty database.`,
            ]
          : []),
      ])
    })
  })
}
