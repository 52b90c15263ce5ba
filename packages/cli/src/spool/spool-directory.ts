import type { Environment } from '../terminal/terminal.ts'

/** Options of commands about a spool. */
export interface SpoolFlags {
  readonly dir?: string
}

/** The spool that a flag or a variable means; an empty variable counts as not set. */
export const spoolDirectory = ({ dir }: SpoolFlags, env: Environment): string =>
  dir ?? (env['STEPTRAIL_SPOOL_DIR'] || './.steptrail/spool')

/** The flag, as a help text shows it. */
export const spoolDirectoryOption = [
  '--dir <directory>',
  'the spool (default: $STEPTRAIL_SPOOL_DIR, else ./.steptrail/spool)',
] as const
