import { join } from 'node:path'
import { destinationFile } from './directory-name.ts'
import { hasCode, type SpoolFiles } from './spool-files.ts'

/** Keeps in a process's directory what its events are for. */
export async function writeDestination(files: SpoolFiles, path: string, destination: string): Promise<void> {
  const file = await files.create(join(path, destinationFile))
  try {
    await file.write(Buffer.from(destination), 0)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** What the events of a directory are for; null where nobody said so. */
export async function readDestination(files: SpoolFiles, path: string): Promise<string | null> {
  try {
    return (await files.read(join(path, destinationFile))).toString()
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
}
