import type { Actor } from '@steptrail/event'
import { restartLog } from '@steptrail/log'
import { type Command, Option } from 'commander'
import { type CommonFlags, withCommonOptions, withTrail, writeJson, writeLines } from '../command-scope.ts'
import { logDirectoryOption, type LogFlags, sealingWith } from '../log/log-settings.ts'
import { actorOf } from '../option-values.ts'
import type { Surroundings } from '../surroundings.ts'

interface Flags extends CommonFlags, LogFlags {
  readonly actor: Actor
  readonly reason: string
}

/** `steptrail log restart`: ends a log that cannot go on, and begins another that names it. */
export function addLogRestart(log: Command, surroundings: Surroundings): void {
  const command = log
    .command('restart')
    .description(
      'End a log that cannot go on, as after the restore of a backup, and begin another. Its first entry names the last checkpoint of the old one, which still verifies.',
    )
    .addOption(
      new Option('--actor <type:id>', 'who orders it, such as user:anna')
        .argParser(actorOf)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--reason <text>', 'why').makeOptionMandatory())
    .option(...logDirectoryOption)
  withCommonOptions(command, [
    [
      'log restart --actor user:anna --reason "restored the backup of 3 May"',
      'after `steptrail seal` refused',
    ],
  ]).action(async (flags: Flags) => {
    await withTrail(flags, surroundings, async (database) => {
      const { actor, reason } = flags
      const restarted = await restartLog(database, {
        ...(await sealingWith(flags, surroundings)),
        actor,
        reason,
      })
      if (flags.json) return writeJson(surroundings, restarted)
      return writeLines(surroundings, [
        `${restarted.endedOrigin} has ended; ${restarted.origin} goes on. Its first entry names the last checkpoint of the old log.`,
      ])
    })
  })
}
