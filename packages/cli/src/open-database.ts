import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, enterByDoor, openDatabase, type OpenDatabaseOptions } from '@steptrail/core'
import { TrailError } from '@steptrail/event'

/** Which database to open, and whether to make the embedded one when there is none. */
export interface OpenOptions extends OpenDatabaseOptions {
  readonly dataDir: string
  readonly mayCreate: boolean
  /** Go through the process that holds the embedded one, where one does. */
  readonly mayShare?: boolean
}

/**
 * Opens the database. Throws `schema_missing` where there is no embedded one and none may be made: a command that
 * only looks leaves nothing behind.
 */
export async function openChosen({
  mayCreate,
  mayShare = false,
  ...options
}: OpenOptions): Promise<Database> {
  if (!mayCreate && options.url === undefined && !existsSync(join(options.dataDir, 'data')))
    throw new TrailError(
      'schema_missing',
      `there is no embedded database in ${options.dataDir} yet. Run \`steptrail demo\` for one with something in it, or run \`steptrail migrate\`; or name another with --data-dir or --database`,
      { details: { dataDir: options.dataDir } },
    )
  try {
    return await openDatabase(options)
  } catch (error) {
    if (!mayShare || !(error instanceof TrailError && error.code === 'embedded_database_in_use')) throw error
    const shared = await enterByDoor(options.dataDir)
    if (shared) return shared
    throw error
  }
}
