import { restartLog } from '@steptrail/log'
import type { Command } from 'commander'
import { type CommonFlags, withCommonOptions, withTrail, writeJson, writeLines } from '../command-scope.ts'
import { logDirectoryOption, type LogFlags, sealingWith } from '../log/log-settings.ts'
import type { Surroundings } from '../surroundings.ts'
import { givenBy, type GivenByFlags, withGivenBy } from './given-by-options.ts'

interface Flags extends CommonFlags, LogFlags, GivenByFlags {}

/** `steptrail log restart`: ends a log that cannot go on, and begins another that names it. */
export function addLogRestart(log: Command, surroundings: Surroundings): void {
  const command = withGivenBy(
    log
      .command('restart')
      .description(
        'End a log that cannot go on, as after the restore of a backup, and begin another. Its first entry names the last checkpoint of the old one, which still verifies.',
      ),
  ).option(...logDirectoryOption)
  withCommonOptions(command, [
    [
      'log restart --actor user:anna --reason "restored the backup of 3 May"',
      'after `steptrail seal` refused',
    ],
  ]).action(async (flags: Flags) => {
    await withTrail(flags, surroundings, async (database) => {
      const restarted = await restartLog(database, {
        ...(await sealingWith(flags, surroundings)),
        ...givenBy(flags),
      })
      if (flags.json) return writeJson(surroundings, restarted)
      return writeLines(surroundings, [
        `${restarted.endedOrigin} has ended; ${restarted.origin} goes on. Its first entry names the last checkpoint of the old log.`,
      ])
    })
  })
}
