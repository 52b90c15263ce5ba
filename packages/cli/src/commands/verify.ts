import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { type Actor, TrailError } from '@steptrail/event'
import { makeEvidencePack, type TrailReport, verifyTrail } from '@steptrail/log'
import { sha256, type VerifierKey, verifyPack } from '@steptrail/verify'
import { type Command, Option } from 'commander'
import {
  type CommonFlags,
  terminalFor,
  withCommonOptions,
  withTrail,
  writeJson,
  writeLines,
} from '../command-scope.ts'
import { drawPackVerdict, drawTrailReport } from '../log/draw-report.ts'
import {
  logDirectory,
  logDirectoryOption,
  type LogFlags,
  originOf,
  rememberedIn,
  vkeysOf,
} from '../log/log-settings.ts'
import { forgetPosition, keepPosition, readPosition } from '../log/walk-file.ts'
import { operatorOf } from '../operator.ts'
import { actorOf, instantOf } from '../option-values.ts'
import { withProgress } from '../progress.ts'
import type { Surroundings } from '../surroundings.ts'
import { drawBar } from '../terminal/bar.ts'
import { terminalOf } from '../terminal/terminal.ts'
import type { RunEnd } from './run-end.ts'

interface Flags extends CommonFlags, LogFlags {
  readonly key?: readonly VerifierKey[]
  readonly since?: string
  readonly execution?: string
  readonly offline?: string
  readonly resume?: boolean
  readonly record: boolean
  readonly actor?: Actor
}

/** `steptrail verify`: whether everything is as it was signed, complete and conforming; or the first thing that is not. */
export function addVerify(program: Command, surroundings: Surroundings, end: RunEnd): void {
  const command = program
    .command('verify')
    .description(
      'Verify that every event is in the log, unaltered, and none is missing, and that every execution is complete and conforms to its definition. Names the first thing that is wrong, and then the answer is no.',
    )
    .option(
      '--key <vkey>',
      'a public key that is trusted; may be repeated (default: those the database names)',
      vkeysOf,
    )
    .option(
      '--since <time>',
      'begin at the last checkpoint signed before: a time, a date, or an age such as 7d',
      instantOf,
    )
    .addOption(new Option('--execution <id>', 'one execution alone').conflicts(['since', 'resume']))
    .addOption(
      new Option(
        '--offline <file>',
        'an evidence pack, without a database; with - on standard input',
      ).conflicts(['execution', 'since', 'resume', 'database', 'dataDir']),
    )
    .option('--resume', 'go on where the last one was interrupted')
    .option('--no-record', 'leave no record that this was verified')
    .option('--actor <type:id>', 'who verifies, for the record (default: user:<login name>)', actorOf)
    .option(...logDirectoryOption)
  withCommonOptions(command, [
    ['verify', 'the whole embedded database'],
    ['verify --since 7d', 'what was sealed in the last week'],
    ['verify --execution 0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11', 'one execution'],
    ['verify --offline evidence.zip', 'an evidence pack, anywhere'],
  ]).action(async (flags: Flags) => {
    const isWhole = await verify(flags, surroundings)
    if (isWhole !== 'done') end.exitCode = isWhole
  })
}

type Answer = 'done' | 'failed' | 'interrupted'

async function verify(flags: Flags, surroundings: Surroundings): Promise<Answer> {
  if (flags.offline !== undefined)
    return verifyBytes(await packIn(flags.offline, surroundings), flags, surroundings)
  const { execution } = flags
  return withTrail(flags, surroundings, async (database) => {
    if (execution !== undefined)
      return verifyBytes((await makeEvidencePack(database, execution)).bytes, flags, surroundings)
    const directory = logDirectory(flags, surroundings.env)
    const report = await withProgress('Verifying', surroundings, async (progress) => {
      const terminal = terminalOf(surroundings.stderr, surroundings.env)
      return verifyTrail(database, {
        keys: flags.key,
        since: flags.since,
        signal: surroundings.signal,
        memory: rememberedIn(directory, surroundings.env),
        origin: originOf(surroundings.env),
        resumeAt: flags.resume ? await readPosition(directory) : undefined,
        actor: flags.record ? (flags.actor ?? operatorOf(surroundings)) : null,
        onProgress: ({ of, done, total }) =>
          progress.say(`Verifying ${of} ${drawBar({ done, total }, terminal)}`),
      })
    })
    return tell(report, { directory, flags, surroundings })
  })
}

interface Telling {
  readonly directory: string
  readonly flags: Flags
  readonly surroundings: Surroundings
}

async function tell(report: TrailReport, { directory, flags, surroundings }: Telling): Promise<Answer> {
  if (report.position) await keepPosition(directory, report.position)
  else await forgetPosition(directory)
  const { position, ...others } = report
  if (flags.json)
    writeJson(surroundings, {
      ...others,
      position: position && { origin: position.origin, size: position.size },
    })
  else writeLines(surroundings, drawTrailReport(report, terminalFor(surroundings), Date.now()))
  if (report.outcome === 'interrupted') {
    surroundings.stderr.write(
      position
        ? `interrupted after entry ${position.size}: \`steptrail verify --resume\` goes on from there\n`
        : 'interrupted among the executions: verify again\n',
    )
    return 'interrupted'
  }
  return report.outcome === 'defect' ? 'failed' : 'done'
}

async function verifyBytes(bytes: Uint8Array, flags: Flags, surroundings: Surroundings): Promise<Answer> {
  const verdict = await verifyPack(bytes, flags.key ?? [], sha256)
  if (flags.json) writeJson(surroundings, verdict)
  else writeLines(surroundings, drawPackVerdict(verdict, terminalFor(surroundings)))
  return verdict.ok ? 'done' : 'failed'
}

async function packIn(file: string, { stdin }: Surroundings): Promise<Uint8Array> {
  if (file === '-') return await buffer(stdin)
  try {
    return await readFile(file)
  } catch (error) {
    throw new TrailError(
      'invalid_input',
      `the evidence pack ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
}
