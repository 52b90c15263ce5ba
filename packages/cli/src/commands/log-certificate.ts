import { erasureCertificate } from '@steptrail/log'
import type { Command } from 'commander'
import { type CommonFlags, withCommonOptions, withTrail, writeJson } from '../command-scope.ts'
import type { Surroundings } from '../surroundings.ts'

/** `steptrail log certificate`: the certificate of an erasure, once more. */
export function addLogCertificate(log: Command, surroundings: Surroundings): void {
  const command = log
    .command('certificate')
    .description(
      'Print the certificate of an erasure as JSON, made anew from what is on record: for one that was lost, or of an erasure that was killed before it wrote one.',
    )
    .argument('<erasure-id>', 'the id of its event, as `steptrail events --type TRAIL_ERASED` shows it')
  withCommonOptions(command, [
    ['log certificate 0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11 > request-17.json', 'into a file'],
  ]).action(async (erasureId: string, flags: CommonFlags) => {
    await withTrail(flags, surroundings, async (database) =>
      writeJson(surroundings, await erasureCertificate(database, erasureId)),
    )
  })
}
