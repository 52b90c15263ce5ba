import { writeFile } from 'node:fs/promises'
import { makeEvidencePack } from '@steptrail/log'
import type { Command } from 'commander'
import { type CommonFlags, withCommonOptions, withTrail, writeJson, writeLines } from '../command-scope.ts'
import type { Surroundings } from '../surroundings.ts'
import { counted, formatBytes } from '../terminal/bytes.ts'

interface Flags extends CommonFlags {
  readonly output?: string
}

/** `steptrail evidence`: one file that proves one execution's record offline. */
export function addEvidence(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('evidence')
    .description(
      'Write an evidence pack: one file with everything on record of an execution and the proofs that it is in the log. Whoever has it verifies it without us.',
    )
    .argument('<execution-id>', 'the id, as `steptrail executions list` shows it')
    .option('-o, --output <file>', 'where to write it (default: evidence-<id>.zip)')
  withCommonOptions(command, [
    [
      'evidence 0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11',
      'into evidence-0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11.zip',
    ],
    ['verify --offline evidence-0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11.zip', 'what an auditor does with it'],
  ]).action(async (executionId: string, flags: Flags) => {
    await withTrail(flags, surroundings, async (database) => {
      const pack = await makeEvidencePack(database, executionId)
      const file = flags.output ?? `evidence-${pack.executionId.replaceAll(/[^\w.-]/g, '_')}.zip`
      await writeFile(file, pack.bytes)
      if (flags.json)
        return writeJson(surroundings, {
          executionId: pack.executionId,
          events: pack.events,
          file,
          bytes: pack.bytes.length,
        })
      return writeLines(surroundings, [
        `Wrote ${file}: ${counted(pack.events, 'event')} with the proofs, ${formatBytes(pack.bytes.length)}.`,
        `To verify it, anywhere: steptrail verify --offline ${file}`,
      ])
    })
  })
}
