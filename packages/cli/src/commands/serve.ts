import { defaultHost, defaultPort } from '@steptrail/server'
import type { Command } from 'commander'
import { type CommonFlags, withCommonOptions, withDatabase } from '../command-scope.ts'
import { wholeNumber } from '../option-values.ts'
import { type LogFlags, logDirectoryOption } from '../log/log-settings.ts'
import { serveTrail, servingAt } from '../serve-trail.ts'
import { natsOption, type RoleFlags, rolesOption } from '../role-settings.ts'
import { listenSettings } from '../server-settings.ts'
import type { Surroundings } from '../surroundings.ts'

interface Flags extends CommonFlags, LogFlags, RoleFlags {
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
    .option(...rolesOption)
    .option(...natsOption)
  withCommonOptions(command, [
    ['serve', `on the embedded database in ./.steptrail, at http://${defaultHost}:${defaultPort}`],
    [
      'serve --database postgres://me@db.example/app --port 8080',
      'on a PostgreSQL server, which is migrated already',
    ],
    [
      'serve --roles ingest,clock --nats nats://nats-1:4222,nats://nats-2:4222',
      'one of many processes: takes events from a stream, and may hold the clock',
    ],
  ]).action(async (flags: Flags) => {
    const where = listenSettings(flags, surroundings.env)
    await withDatabase({ ...flags, serving: servingAt(where) }, surroundings, (database) =>
      serveTrail({
        database,
        where,
        surroundings,
        asJson: flags.json === true,
        logFlags: flags,
        roleFlags: flags,
      }),
    )
  })
}
