import type { TrailOptions } from '@steptrail/core'
import { defaultSpoolDirectory } from '@steptrail/recorder/node'
import { databaseChoice, type DatabaseFlags } from '../settings.ts'
import type { Environment } from '../terminal/terminal.ts'

/** Options of commands about a spool. */
export interface SpoolFlags {
  readonly dir?: string
}

/**
 * The spool that a flag or a variable means, else that of a trail over the database that they mean; an empty variable
 * counts as not set.
 */
export function spoolDirectory({ dir, ...flags }: SpoolFlags & DatabaseFlags, env: Environment): string {
  const given = dir ?? env['STEPTRAIL_SPOOL_DIR']
  if (given) return given
  const { url, dataDir } = databaseChoice(flags, env)
  return url === undefined ? `${dataDir}/spool` : defaultSpoolDirectory
}

/** Where a trail over a database keeps events, by the variable; an empty one counts as not set. */
export const spooling = (env: Environment): Pick<TrailOptions, 'recorder'> => ({
  recorder: { spoolDirectory: env['STEPTRAIL_SPOOL_DIR'] || undefined },
})

/** The flag, as a help text shows it. */
export const spoolDirectoryOption = [
  '--dir <directory>',
  'the spool (default: $STEPTRAIL_SPOOL_DIR, else ./.steptrail/spool)',
] as const
