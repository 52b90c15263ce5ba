import { writeFile } from 'node:fs/promises'
import { TrailError } from '@steptrail/event'
import { type EvidencePack, makeEvidencePack } from '@steptrail/log'
import type { Command } from 'commander'
import { type CommonFlags, withCommonOptions, withTrail, writeJson, writeLines } from '../command-scope.ts'
import { putOut, requireNoTerminal } from '../standard-output.ts'
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
    .option('-o, --output <file>', 'where to write it; -: standard output (default: evidence-<id>.zip)')
  withCommonOptions(command, [
    [
      'evidence 0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11',
      'into evidence-0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11.zip',
    ],
    ['verify --offline evidence-0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11.zip', 'what an auditor does with it'],
    [
      'evidence 0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11 -o - | steptrail verify --offline -',
      'no file in between',
    ],
  ]).action(async (executionId: string, flags: Flags) => {
    if (flags.output === '-') requireBytesAlone(flags, surroundings)
    await withTrail(flags, surroundings, async (database) => {
      const pack = await makeEvidencePack(database, executionId)
      if (flags.output === '-') await putOut(surroundings.stdout, pack.bytes)
      else await writePack(pack, flags, surroundings)
    })
  })
}

function requireBytesAlone({ json }: Flags, { stdout }: Surroundings): void {
  if (json)
    throw new TrailError(
      'invalid_configuration',
      '--json tells what was written, so the pack needs a file: --output FILE',
    )
  requireNoTerminal(stdout, 'an evidence pack', '--output')
}

async function writePack(
  { executionId, events, bytes }: EvidencePack,
  { output, json }: Flags,
  surroundings: Surroundings,
): Promise<void> {
  const file = output ?? `evidence-${executionId.replaceAll(/[^\w.-]/g, '_')}.zip`
  await writeFile(file, bytes)
  if (json) return writeJson(surroundings, { executionId, events, file, bytes: bytes.length })
  return writeLines(surroundings, [
    `Wrote ${file}: ${counted(events, 'event')} with the proofs, ${formatBytes(bytes.length)}.`,
    `To verify it, anywhere: steptrail verify --offline ${file}`,
  ])
}
