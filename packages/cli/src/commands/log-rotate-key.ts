import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { TrailError } from '@steptrail/event'
import { loadOrCreateKey, rotateKey } from '@steptrail/log'
import { vkeyOf } from '@steptrail/verify'
import type { Command } from 'commander'
import { type CommonFlags, withCommonOptions, withTrail, writeJson, writeLines } from '../command-scope.ts'
import {
  keyPathIn,
  logDirectory,
  logDirectoryOption,
  type LogFlags,
  sealingWith,
} from '../log/log-settings.ts'
import type { Surroundings } from '../surroundings.ts'
import { givenBy, type GivenByFlags, withGivenBy } from './given-by-options.ts'

interface Flags extends CommonFlags, LogFlags, GivenByFlags {}

/** `steptrail log rotate-key`: goes over to another signing key. */
export function addLogRotateKey(log: Command, surroundings: Surroundings): void {
  const command = withGivenBy(
    log
      .command('rotate-key')
      .description(
        'Go over to another signing key. Both keys sign the next checkpoint, so who trusts the old one can trust the new one. Done again after a crash, it goes on where it was.',
      ),
  ).option(...logDirectoryOption)
  withCommonOptions(command, [
    ['log rotate-key --actor user:anna --reason yearly', 'the key in ./.steptrail/log'],
  ]).action(async (flags: Flags) => {
    const { env } = surroundings
    if (env['STEPTRAIL_SIGNING_KEY'])
      throw new TrailError(
        'invalid_configuration',
        'STEPTRAIL_SIGNING_KEY holds the key, so this command cannot replace it: put it into a file of --log-dir, or call rotateKey of @steptrail/log with both keys',
      )
    await withTrail(flags, surroundings, async (database) => {
      const path = keyPathIn(logDirectory(flags, env))
      const next = join(logDirectory(flags, env), 'signing-key.next.pem')
      const sealing = await sealingWith(flags, surroundings)
      const { key } = await loadOrCreateKey(next)
      const sealed = await rotateKey(database, { ...sealing, next: key, ...givenBy(flags) })
      await rename(next, path)
      const vkey = vkeyOf(key.verifierKey(sealed.origin))
      if (flags.json) return writeJson(surroundings, { origin: sealed.origin, size: sealed.size, vkey })
      return writeLines(surroundings, [`${sealed.origin} is signed with ${vkey} from now on.`])
    })
  })
}
