import { randomUUID } from 'node:crypto'
import { link, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Replaces a file as a whole, readable by its owner only; it is on disk when this resolves, and its name is. A crash leaves
 * the one before or the new one. What a full disk left of it is taken away. Throws what the system says.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = freshName(path)
  try {
    await writeSynced(fresh, text)
    await rename(fresh, path)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
  await syncDirectory(dirname(path))
}

/**
 * The same of a file that is not there yet: false where something has its name already, which stays as it is. Nobody finds
 * a part of it, but where the file system lets no file have two names. Throws what the system says.
 */
export async function createFile(path: string, text: string): Promise<boolean> {
  const fresh = freshName(path)
  try {
    await writeSynced(fresh, text)
    await link(fresh, path).catch(async (error: unknown) => {
      if (!hasCode(error, 'EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP')) throw error
      await writeSynced(path, text)
    })
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(fresh, { force: true })
  }
  await syncDirectory(dirname(path))
  return true
}

/** Whether an error of the system has one of these codes. */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.some((code) => code === error.code)

const freshName = (path: string): string => `${path}.${randomUUID()}`

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Windows can open no directory, and writes names through. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
