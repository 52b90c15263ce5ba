import { type FileHandle, open, rm, stat } from 'node:fs/promises'
import { type Actor, TrailError } from '@steptrail/event'
import { erase, type ErasureCertificate, type ErasureMatch } from '@steptrail/log'
import type { Command } from 'commander'
import { type CommonFlags, withCommonOptions, withTrail, writeJson, writeLines } from '../command-scope.ts'
import { logDirectoryOption, type LogFlags, sealingWith } from '../log/log-settings.ts'
import { actorOf } from '../option-values.ts'
import { withProgress } from '../progress.ts'
import type { Surroundings } from '../surroundings.ts'
import { counted } from '../terminal/bytes.ts'
import { givenBy, type GivenByFlags, withGivenBy } from './given-by-options.ts'

interface Flags extends CommonFlags, LogFlags, GivenByFlags {
  readonly execution?: string
  readonly correlationId?: string
  readonly subject?: Actor
  readonly event?: readonly string[]
  readonly approvedBy?: Actor
  readonly certificate?: string
}

/** `steptrail erase`: erases what people said and did from the record, for good; every proof stays valid. */
export function addErase(program: Command, surroundings: Surroundings): void {
  const command = withGivenBy(
    program
      .command('erase')
      .description(
        'Erase the bodies of events, and the inputs, outputs and results of executions, for good. Who, when and that it happened stay, and every proof stays valid. The certificate says what was reached and what was not.',
      )
      .option('--execution <id>', 'everything of an execution')
      .option('--correlation-id <id>', 'everything under a correlation id')
      .option('--subject <type:id>', 'everything that an actor caused', actorOf)
      .option('--event <id...>', 'single events'),
  )
    .option('--approved-by <type:id>', 'the second person who agreed', actorOf)
    .option('--certificate <file>', 'write the certificate into this file, as JSON')
    .option(...logDirectoryOption)
  withCommonOptions(command, [
    [
      'erase --subject user:anna --actor user:olga --reason "request 17" --certificate request-17.json',
      'a person',
    ],
    [
      'erase --execution 0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11 --actor user:olga --reason "request 18"',
      'an execution',
    ],
  ]).action(async (flags: Flags) => {
    const match = matchOf(flags)
    await withTrail(flags, surroundings, async (database) => {
      const { approvedBy } = flags
      const sealing = await sealingWith(flags, surroundings)
      const certificate = await keptIn({ path: flags.certificate, stderr: surroundings.stderr }, () =>
        withProgress('Erasing', surroundings, () =>
          erase(database, { ...sealing, match, ...givenBy(flags), approvedBy }),
        ),
      )
      if (flags.json) return writeJson(surroundings, certificate)
      return writeLines(surroundings, told(certificate, flags.certificate))
    })
  })
}

/** What is erased is gone, so the file for the certificate has to be there before; it goes again where nothing was erased. */
async function keptIn(
  { path, stderr }: { readonly path: string | undefined } & Pick<Surroundings, 'stderr'>,
  work: () => Promise<ErasureCertificate>,
): Promise<ErasureCertificate> {
  if (path === undefined) return work()
  await using file = await openNew(path)
  const certificate = await work().catch(async (error: unknown) => {
    await rm(path, { force: true })
    throw error
  })
  const text = `${JSON.stringify(certificate, null, 2)}\n`
  try {
    await file.writeFile(text)
  } catch (error) {
    // It cannot be made again, so it is shown instead.
    stderr.write(text)
    throw error
  }
  return certificate
}

async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600)
  } catch (error) {
    throw new TrailError(
      'invalid_input',
      `the certificate cannot be written to ${path}, so nothing was erased: ${error instanceof Error ? error.message : String(error)}${await emptyFileSaid(path)}. ${whatToGive}`,
      { cause: error },
    )
  }
}

const whatToGive =
  'Give --certificate a file that is not there yet, in a directory that is there and that you may write to'

/** A run that is killed leaves its file empty, which looks like one that somebody needs. */
async function emptyFileSaid(path: string): Promise<string> {
  const there = await stat(path).catch(() => null)
  if (!there?.isFile() || there.size > 0) return ''
  return '. It is empty: unless another erasure is under way, one was killed before its certificate was written; remove the file'
}

function matchOf({ execution, correlationId, subject, event }: Flags): ErasureMatch {
  const matches: readonly ErasureMatch[] = [
    ...(execution === undefined ? [] : [{ executionId: execution }]),
    ...(correlationId === undefined ? [] : [{ correlationId }]),
    ...(subject === undefined ? [] : [{ subject }]),
    ...(event === undefined ? [] : [{ eventIds: event }]),
  ]
  const [match, ...others] = matches
  if (match !== undefined && others.length === 0) return match
  throw new TrailError(
    'invalid_configuration',
    `${matches.length === 0 ? 'nothing says' : 'several options say'} what to erase: give one of --execution, --correlation-id, --subject and --event`,
  )
}

const told = (certificate: ErasureCertificate, file: string | undefined): readonly string[] => [
  `Erased the bodies of ${counted(certificate.events, 'event')} and the values of ${counted(certificate.executions.length, 'execution')}, as event ${certificate.erasureId}.`,
  'Not reached:',
  ...certificate.notReached.map((what) => `  ${what}`),
  ...(file === undefined ? [] : [`The certificate is in ${file}.`]),
]
