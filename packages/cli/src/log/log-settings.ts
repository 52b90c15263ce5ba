import { join } from 'node:path'
import { TrailError } from '@steptrail/event'
import {
  loadOrCreateKey,
  memoriesTogether,
  memoryInDirectory,
  type OutsideMemory,
  SigningKey,
  witnessMemory,
} from '@steptrail/log'
import { parseCheckpoint, parseVkey, type VerifierKey } from '@steptrail/verify'
import { InvalidArgumentError } from 'commander'
import { dataDirectory, type DatabaseFlags } from '../settings.ts'
import type { Surroundings } from '../surroundings.ts'
import { type Environment, terminalOf } from '../terminal/terminal.ts'

/** Options of commands about the log. */
export interface LogFlags extends Pick<DatabaseFlags, 'dataDir'> {
  readonly logDir?: string
}

/** The flag, as a help text shows it. */
export const logDirectoryOption = [
  '--log-dir <directory>',
  'signing key and remembered checkpoints (default: $STEPTRAIL_LOG_DIR, else log in the data directory)',
] as const

/** Where the signing key and the last checkpoints are kept; an empty variable counts as not set. */
export const logDirectory = (flags: LogFlags, env: Environment): string =>
  flags.logDir ?? (env['STEPTRAIL_LOG_DIR'] || join(dataDirectory(flags, env), 'log'))

/** What remembers checkpoints outside the database: the directory, and the witness if variables name one. */
export function rememberedIn(directory: string, env: Environment): OutsideMemory {
  const files = memoryInDirectory(join(directory, 'checkpoints'))
  const url = env['STEPTRAIL_WITNESS_URL']
  if (!url) return files
  const key = parseVkey(env['STEPTRAIL_WITNESS_KEY'] ?? '')
  if (key === null)
    throw new TrailError(
      'invalid_configuration',
      'STEPTRAIL_WITNESS_URL is set, and STEPTRAIL_WITNESS_KEY is not the key of a witness: give it as the witness prints it, name+id+key',
    )
  const witness = witnessMemory({ url: url.replace(/\/+$/, ''), key })
  return memoriesTogether(
    [witness, files],
    (checkpoint) => parseCheckpoint(checkpoint)?.checkpoint.size ?? -1,
  )
}

/** The key, the memory and the name by which the flags and variables mean to seal. */
export async function sealingWith(flags: LogFlags, surroundings: Surroundings) {
  const { env } = surroundings
  const memory = rememberedIn(logDirectory(flags, env), env)
  return { key: await signingKey(flags, surroundings), memory, origin: originOf(env) }
}

/** The name of the log, where a variable gives one. */
export const originOf = (env: Environment): string | undefined => env['STEPTRAIL_LOG_ORIGIN'] || undefined

/** The file that holds the signing key, where no variable does. */
export const keyPathIn = (directory: string): string => join(directory, 'signing-key.pem')

/** The key that signs the log: the variable's, else that of the file, which is made on the first run. */
async function signingKey(flags: LogFlags, { env, stderr }: Surroundings): Promise<SigningKey> {
  const pem = env['STEPTRAIL_SIGNING_KEY']
  if (pem) return new SigningKey(pem)
  const path = keyPathIn(logDirectory(flags, env))
  const { key, isNew } = await loadOrCreateKey(path)
  if (isNew)
    stderr.write(
      `${terminalOf(stderr, env).paint('yellow', 'warning')} made a signing key in ${path}. It lies beside the data: whoever can write both can forge the log. Keep it elsewhere in production, and give the public key to whoever verifies.\n`,
    )
  return key
}

/** A vkey as an option's value; several may be given. */
export function vkeysOf(value: string, before: readonly VerifierKey[] = []): readonly VerifierKey[] {
  const key = parseVkey(value)
  if (key === null)
    throw new InvalidArgumentError('Give a key as name+id+key, the way `steptrail seal` prints it.')
  return [...before, key]
}
