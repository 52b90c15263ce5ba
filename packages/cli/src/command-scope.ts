import { checkSchema, type Database } from '@steptrail/core'
import type { Command } from 'commander'
import { closeTimeoutMs } from './closing-in-time.ts'
import type { OpenOptions } from './open-database.ts'
import { withProgress } from './progress.ts'
import { databaseChoice, type DatabaseChoice, type DatabaseFlags } from './settings.ts'
import type { Surroundings } from './surroundings.ts'
import { type Terminal, terminalOf } from './terminal/terminal.ts'

/** Options that every command has. */
export interface CommonFlags extends DatabaseFlags {
  readonly json?: boolean
}

/** Lines to type, and what each does. */
export type Examples = readonly (readonly [line: string, meaning: string])[]

/** Adds examples to a command's help. */
export function withExamples(command: Command, examples: Examples): Command {
  const lines = examples.map(([line, meaning]) => `  # ${meaning}\n  $ steptrail ${line}`)
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n\n')}`)
}

/** Adds the options that every command with a database has, and examples. */
export function withCommonOptions(command: Command, examples: Examples): Command {
  command
    .option('--json', 'print one JSON document and nothing else')
    .option('--database <url>', 'PostgreSQL database (default: $DATABASE_URL, else the embedded one)')
    .option('--data-dir <directory>', 'embedded database (default: $STEPTRAIL_DATA_DIR, else ./.steptrail)')
    .option('--schema <name>', 'schema of the trail (default: $STEPTRAIL_SCHEMA, else steptrail)')
  return withExamples(command, examples)
}

/** Writes a result as one JSON document. */
export function writeJson({ stdout }: Surroundings, value: unknown): void {
  stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

/** Writes lines of text. */
export function writeLines({ stdout }: Surroundings, lines: readonly string[]): void {
  if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`)
}

/** What standard output can show. */
export const terminalFor = ({ stdout, env }: Surroundings): Terminal => terminalOf(stdout, env)

/** Opens the database that flags and variables mean, does the work with it, and closes it. */
export async function withDatabase<T>(
  flags: DatabaseFlags,
  surroundings: Surroundings,
  work: (database: Database, choice: DatabaseChoice) => Promise<T>,
): Promise<T> {
  const choice = databaseChoice(flags, surroundings.env)
  return await opened({ ...choice, serving: flags.serving, mayCreate: true }, surroundings, (database) =>
    work(database, choice),
  )
}

/**
 * The same for a database that has to be there, with the schema of this program. An embedded one that a server holds is
 * reached through it.
 */
export async function withTrail<T>(
  flags: DatabaseFlags,
  surroundings: Surroundings,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const choice = databaseChoice(flags, surroundings.env)
  return await opened({ ...choice, mayCreate: false, mayShare: true }, surroundings, async (database) => {
    await checkSchema(database)
    return await work(database)
  })
}

async function opened<T>(
  options: OpenOptions,
  surroundings: Surroundings,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await withProgress('Opening the database', surroundings, () =>
    surroundings.openDatabase({
      ...options,
      program: 'steptrail',
      ...(options.serving && { closeTimeoutMs }),
    }),
  )
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}
