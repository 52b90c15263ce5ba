import { join } from 'node:path'
import type { RecorderSettings, Spool } from '@steptrail/recorder'
import { defaultSpoolDirectory, spoolOnDemand } from '@steptrail/recorder/node'
import type { Database } from '../database/database.ts'
import type { ValidationOptions } from './given-events.ts'

/** How a trail records; all of it has a default. */
export interface TrailRecorderSettings extends Omit<
  RecorderSettings,
  keyof ValidationOptions | 'clock' | 'spool'
> {
  /**
   * Where events survive while the database is away. Default: on disk, in `spoolDirectory`, as soon as there is
   * something to keep. `false`: nowhere, they stay in memory. One of `openSpool` has options of its own; the trail
   * closes it.
   */
  readonly spool?: Spool | false | undefined
  /**
   * The directory of the spool. Default: `spool` in the directory of the embedded database; `./.steptrail/spool` with a
   * server. A database in memory has none unless it is given one: nothing would outlive it that was worth keeping.
   */
  readonly spoolDirectory?: string | undefined
}

/** What of a database says where its spool is, and what that is for. */
export type SpoolingDatabase = Pick<Database, 'kind' | 'name' | 'schema' | 'dataDir'>

/** The spool that a trail records with; undefined for none. */
export function trailSpool(database: SpoolingDatabase, settings: TrailRecorderSettings): Spool | undefined {
  const { spool, spoolDirectory, enabled, logger } = settings
  if (spool !== undefined) return spool === false ? undefined : spool
  const directory = spoolDirectory ?? defaultDirectory(database)
  if (enabled === false || directory === undefined) return undefined
  return spoolOnDemand({ directory, destination: spoolDestination(database), ...(logger && { logger }) })
}

/**
 * What the events in a trail's spool are for: host, port, database and schema of a server, whoever the user is, or
 * `embedded`. Processes with other databases leave them alone.
 */
export const spoolDestination = ({ kind, name, schema }: SpoolingDatabase): string =>
  kind === 'embedded' ? kind : `${name.replace(/^[^@]*@/, '')} ${schema}`

function defaultDirectory({ kind, dataDir }: SpoolingDatabase): string | undefined {
  if (kind === 'postgres') return defaultSpoolDirectory
  return dataDir === null ? undefined : join(dataDir, 'spool')
}
