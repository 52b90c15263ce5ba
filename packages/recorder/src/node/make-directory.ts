import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/**
 * Makes a directory and those above it that are missing, all with this mode. Does nothing when it is there. Throws what
 * the system says where nothing can be made, also below `/proc`, where Node's own `mkdir` with `recursive` never ends.
 */
export async function makeDirectory(path: string, mode?: number): Promise<void> {
  const missing: string[] = []
  for (let at = resolve(path); !(await isDirectory(at)); at = dirname(at)) {
    missing.unshift(at)
    // There is nothing above a root, which may be missing as well, as a drive can be.
    if (dirname(at) === at) break
  }
  for (const directory of missing) await makeOne(directory, mode)
}

/** False as well for what is no directory, in whose place none can be made. Throws below what is none. */
async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

/** Another process may make it at the same moment, which is as good. */
async function makeOne(path: string, mode: number | undefined): Promise<void> {
  try {
    await mkdir(path, { mode })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    if (!(await stat(path)).isDirectory()) throw error
  }
}
