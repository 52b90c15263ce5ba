import { seal, type Sealed } from '@steptrail/log'
import { vkeyOf } from '@steptrail/verify'
import type { Command } from 'commander'
import {
  type CommonFlags,
  terminalFor,
  withCommonOptions,
  withTrail,
  writeJson,
  writeLines,
} from '../command-scope.ts'
import { logDirectoryOption, type LogFlags, sealingWith } from '../log/log-settings.ts'
import { withProgress } from '../progress.ts'
import type { Surroundings } from '../surroundings.ts'
import { counted } from '../terminal/bytes.ts'
import type { Terminal } from '../terminal/terminal.ts'

interface Flags extends CommonFlags, LogFlags {}

/** `steptrail seal`: takes what is committed into the log, and signs a checkpoint over it. */
export function addSeal(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('seal')
    .description(
      'Take every committed event into the log, and sign a checkpoint over it. Done twice, it seals nothing twice.',
    )
    .option(...logDirectoryOption)
  withCommonOptions(command, [
    ['seal', 'the embedded database, with the key in ./.steptrail/log'],
    [
      'seal --database postgres://me@db.example/app --log-dir /var/lib/steptrail',
      'a server, with a key elsewhere',
    ],
    ['verify', 'whether everything is as it was signed'],
  ]).action(async (flags: Flags) => {
    await withTrail(flags, surroundings, async (database) => {
      const { signal } = surroundings
      const sealing = await sealingWith(flags, surroundings)
      const sealed = await withProgress('Sealing', surroundings, (progress) =>
        seal(database, {
          ...sealing,
          signal,
          onProgress: (step) => progress.say(`Sealing: ${counted(step.sealed, 'event')}`),
        }),
      )
      const vkey = vkeyOf(sealing.key.verifierKey(sealed.origin))
      if (flags.json) writeJson(surroundings, { ...sealed, vkey })
      else writeLines(surroundings, told(sealed, vkey, terminalFor(surroundings)))
      signal.throwIfAborted()
    })
  })
}

const told = ({ sealed, origin, size, signedAt }: Sealed, vkey: string, { paint }: Terminal) => [
  `${paint('green', 'sealed')} ${counted(sealed, 'event')}; the log ${origin} has ${counted(size, 'entry', 'entries')}`,
  `signed ${signedAt} with ${vkey}`,
]
