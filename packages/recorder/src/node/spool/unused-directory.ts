import { join } from 'node:path'
import { destinationFile, positionDraftFile, positionFile } from './directory-name.ts'
import type { SpoolFiles } from './spool-files.ts'

/**
 * Removes a directory that has no segments, with what says how far it is settled and what it is for; gives whether it is
 * gone. One with dead letters or damage stays.
 */
export async function removeUnused(files: SpoolFiles, path: string): Promise<boolean> {
  for (const file of [positionFile, positionDraftFile, destinationFile]) await files.remove(join(path, file))
  return files.removeDirectory(path)
}
