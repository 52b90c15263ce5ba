import { type Archive, DailyRetention, type Database, parquetArchive } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import { requireSealed } from '@steptrail/log'
import type { Surroundings } from './surroundings.ts'
import type { Environment } from './terminal/terminal.ts'

/** When retention runs by itself, and where to what it lets go of is archived. */
export interface RetentionSettings {
  /** The hour of the day in UTC; null: it does not run by itself. */
  readonly hour: number | null
  /** A directory; null: nothing is archived. */
  readonly archiveDirectory: string | null
}

/** Where archives go that nothing else is said of. */
const defaultArchiveDirectory = './.steptrail/archive'

/**
 * What the variables say. An empty one counts as not set.
 *
 * @throws TrailError `invalid_configuration` that names the variable and its value
 */
export function retentionSettings(env: Environment): RetentionSettings {
  const hour = env['STEPTRAIL_RETENTION_HOUR'] || '3'
  if (hour !== 'off' && !/^(\d|1\d|2[0-3])$/.test(hour))
    throw new TrailError(
      'invalid_configuration',
      `STEPTRAIL_RETENTION_HOUR is ${JSON.stringify(hour)}: give an hour from 0 to 23, in UTC, or off`,
    )
  const directory = env['STEPTRAIL_ARCHIVE_DIR'] || defaultArchiveDirectory
  return {
    hour: hour === 'off' ? null : Number(hour),
    archiveDirectory: directory === 'none' ? null : directory,
  }
}

/** The archive in a directory; null for none. */
export const archiveIn = (directory: string | null): Archive | null =>
  directory === null ? null : parquetArchive(directory)

/** Begins the daily run of retention; undefined where it is turned off. */
export function startDailyRetention(
  database: Database,
  surroundings: Surroundings,
): DailyRetention | undefined {
  const { hour, archiveDirectory } = retentionSettings(surroundings.env)
  if (hour === null) return undefined
  return new DailyRetention(database, {
    hour,
    by: { type: 'system', id: 'retention' },
    archive: archiveIn(archiveDirectory),
    ensureSealed: requireSealed(database),
    onTrouble: (message, cause) => {
      const reason = cause instanceof Error ? cause.message : String(cause)
      surroundings.stderr.write(`steptrail: ${message}: ${reason}\n`)
    },
  })
}
