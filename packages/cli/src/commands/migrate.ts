import { applyGrants, migrate } from '@steptrail/core'
import type { Command } from 'commander'
import {
  type CommonFlags,
  terminalFor,
  withCommonOptions,
  withDatabase,
  writeJson,
  writeLines,
} from '../command-scope.ts'
import { withProgress } from '../progress.ts'
import type { Surroundings } from '../surroundings.ts'

interface Flags extends CommonFlags {
  readonly roles?: boolean
}

/** `steptrail migrate`: creates the schema of the trail, or brings it up to date. */
export function addMigrate(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('migrate')
    .description('Create the schema of the trail, or bring it up to date. Done twice, it does nothing.')
    .option('--roles', 'then create the roles and give the tables to them; see `steptrail grants`')
  withCommonOptions(command, [
    ['migrate', 'the embedded database in ./.steptrail'],
    ['migrate --database postgres://me@db.example/app', 'a PostgreSQL server'],
    ['migrate --roles --database postgres://admin@db.example/app', 'and its roles, as an administrator'],
  ]).action(async (flags: Flags) => {
    await withDatabase(flags, surroundings, async (database) => {
      const result = await withProgress('Migrating', surroundings, (progress) =>
        migrate(database, { onProgress: (name) => progress.say(`Migrating: ${name}`) }),
      )
      if (flags.roles) await withProgress('Granting', surroundings, () => applyGrants(database))
      const { schema, name } = database
      const roles = flags.roles === true
      if (flags.json) return writeJson(surroundings, { schema, database: name, roles, ...result })
      const { paint } = terminalFor(surroundings)
      writeLines(surroundings, [
        ...result.applied.map((migration) => `${paint('green', 'applied')} ${migration}`),
        `Schema ${schema} of ${name} is at version ${result.version}${result.applied.length === 0 ? '; there was nothing to do' : ''}.`,
        ...(roles ? ['The roles have their privileges, and no others.'] : []),
      ])
    })
  })
}
