import { defaultHost, defaultPort } from '@steptrail/server'
import type { Command } from 'commander'
import { type CommonFlags, withCommonOptions, withDatabase } from '../command-scope.ts'
import { wholeNumber } from '../option-values.ts'
import { logDirectoryOption } from '../log/log-settings.ts'
import { noSealOption, type SealingFlags, serveTrail, servingAt } from '../serve-trail.ts'
import { listenSettings } from '../server-settings.ts'
import type { Surroundings } from '../surroundings.ts'

interface Flags extends CommonFlags, SealingFlags {
  readonly host?: string
  readonly port?: number
}

/** `steptrail serve`: the pages, the API, its documentation and the runtime in one process, until it is interrupted. */
export function addServe(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('serve')
    .description(
      'Serve the trail over HTTP, and seal what is recorded, until interrupted. Without --database, on the embedded database.',
    )
    .option('--host <address>', `where to listen (default: $STEPTRAIL_HOST, else ${defaultHost})`)
    .option(
      '--port <number>',
      `its port; 0 for any (default: $STEPTRAIL_PORT, else ${defaultPort})`,
      wholeNumber,
    )
    .option(...logDirectoryOption)
    .option(...noSealOption)
  withCommonOptions(command, [
    ['serve', `on the embedded database in ./.steptrail, at http://${defaultHost}:${defaultPort}`],
    [
      'serve --database postgres://me@db.example/app --port 8080',
      'on a PostgreSQL server, which is migrated already',
    ],
  ]).action(async (flags: Flags) => {
    const where = listenSettings(flags, surroundings.env)
    await withDatabase({ ...flags, serving: servingAt(where) }, surroundings, (database) =>
      serveTrail({ database, where, surroundings, asJson: flags.json === true, sealingFlags: flags }),
    )
  })
}
