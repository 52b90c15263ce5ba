import { grantStatements } from '@steptrail/core'
import type { Command } from 'commander'
import { type CommonFlags, withExamples, withTrail, writeJson, writeLines } from '../command-scope.ts'
import { databaseChoice } from '../settings.ts'
import type { Surroundings } from '../surroundings.ts'

type Flags = Pick<CommonFlags, 'json' | 'schema' | 'database'>

/**
 * `steptrail grants`: the SQL that `migrate --roles` runs, for whoever is to run it instead. It needs no database; with
 * one, it makes sure that the SQL fits what is there.
 */
export function addGrants(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('grants')
    .description(
      'Print the SQL that creates the roles of the trail and gives them its tables. It changes nothing.',
    )
    .option('--json', 'print one JSON document and nothing else')
    .option('--database <url>', 'check first that this database has the schema that the SQL is for')
    .option('--schema <name>', 'schema of the trail (default: $STEPTRAIL_SCHEMA, else steptrail)')
  withExamples(command, [
    ['grants', 'to read them'],
    ['grants | psql postgres://admin@db.example/app', 'to have an administrator run them'],
    [
      'grants --database postgres://me@db.example/app > grants.sql',
      'and to be sure that they fit that database',
    ],
  ]).action(async (flags: Flags) => {
    if (flags.database !== undefined) await withTrail(flags, surroundings, () => Promise.resolve())
    const { schema } = databaseChoice(flags, surroundings.env)
    const statements = grantStatements(schema)
    if (flags.json) return writeJson(surroundings, { schema, statements })
    return writeLines(surroundings, ['begin;', ...statements.map((statement) => `${statement};`), 'commit;'])
  })
}
