import { constants } from 'node:fs'
import { access, type FileHandle, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import { makeDirectory } from '../make-directory.ts'

/** A file that is being written. */
export interface SpoolFile {
  /** Writes all bytes at a position, or throws; then a part of them may be there. */
  write(bytes: Uint8Array, position: number): Promise<void>
  /** Resolves when what was written will outlive a loss of power. */
  sync(): Promise<void>
  truncate(size: number): Promise<void>
  close(): Promise<void>
}

/** What a spool does with the file system; an argument, so that a test can let each of it fail. */
export interface SpoolFiles {
  /** A new file; throws EEXIST when it is there. */
  create(path: string): Promise<SpoolFile>
  /** A file to write at its end, made when it is not there, and its size. */
  openToAppend(path: string): Promise<{ readonly file: SpoolFile; readonly size: number }>
  /** The bytes from 0 to `size`, or all. */
  read(path: string, size?: number): Promise<Buffer>
  /** The names in a directory. */
  list(path: string): Promise<readonly string[]>
  exists(path: string): Promise<boolean>
  makeDirectory(path: string): Promise<void>
  /** Throws what the system says when nothing may be made in a directory, or in the first above it that there is. */
  checkWritable(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Does nothing when the file is not there. */
  remove(path: string): Promise<void>
  /** Gives false when it is not empty; true when it is gone. */
  removeDirectory(path: string): Promise<boolean>
  /** Resolves when the names in a directory will outlive a loss of power. */
  syncDirectory(path: string): Promise<void>
}

/** The file system of this machine. */
export const systemFiles: SpoolFiles = {
  create: async (path) => spoolFile(await open(path, 'wx', 0o600)),
  openToAppend: async (path) => {
    const handle = await open(path, openOrCreate, 0o600)
    return { file: spoolFile(handle), size: (await handle.stat()).size }
  },
  read: async (path, size) => (size === undefined ? readFile(path) : readFirst(path, size)),
  list: (path) => readdir(path),
  exists: async (path) => (await unlessMissing(stat(path))) !== undefined,
  makeDirectory: (path) => makeDirectory(path, 0o700),
  checkWritable,
  rename,
  remove: (path) => rm(path, { force: true }),
  removeDirectory,
  syncDirectory,
}

/** Whether an error of the file system has this code. */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.some((code) => code === error.code)

/** `O_CREAT | O_RDWR`: a file opened with `a` could not be written at a position. */
const openOrCreate = constants.O_CREAT | constants.O_RDWR

const spoolFile = (handle: FileHandle): SpoolFile => ({
  write: async (bytes, position) => {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
      done += bytesWritten
    }
  },
  sync: () => handle.datasync(),
  truncate: (size) => handle.truncate(size),
  close: () => handle.close(),
})

async function readFirst(path: string, size: number): Promise<Buffer> {
  await using handle = await open(path, 'r')
  const bytes = Buffer.allocUnsafe(size)
  let done = 0
  for (;;) {
    const { bytesRead } = await handle.read(bytes, done, size - done, done)
    done += bytesRead
    if (bytesRead === 0 || done === size) return bytes.subarray(0, done)
  }
}

async function checkWritable(path: string): Promise<void> {
  for (let place = resolve(path); ; place = dirname(place)) {
    const found = await unlessMissing(stat(place))
    if (found === undefined && place !== dirname(place)) continue
    // The end says that it has to be a directory.
    await access(place + sep, constants.W_OK | constants.X_OK)
    return
  }
}

async function removeDirectory(path: string): Promise<boolean> {
  try {
    await rmdir(path)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOTEMPTY', 'EEXIST')) return false
    if (hasCode(error, 'ENOENT')) return true
    throw error
  }
}

/** Windows can open no directory, and writes names through. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  await using handle = await open(path, 'r')
  await handle.sync()
}

async function unlessMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
