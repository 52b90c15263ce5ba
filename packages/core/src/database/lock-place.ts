import { createHash } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { mkdir, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where the sockets of one data directory's lock are. */
export interface LockPlace {
  /** `files`: sockets in a directory, which stay when their process dies. `pipe`: names that go with it. */
  readonly kind: 'files' | 'pipe'
  /** The file of that name; never too long for the file system, but perhaps for a socket. */
  path(name: string): string
  /** The same as sockets take it. */
  address(name: string): string
  close(): void
}

/** A socket's address holds 104 bytes on macOS and 108 on Linux, with a zero at the end. */
const longestAddress = 100
const longestName = 40

/**
 * The place for a data directory, which must exist. It is the directory itself; where its path is too long for a
 * socket, Linux reaches it through an open handle, others take a directory for temporary files, named after it.
 */
export async function openLockPlace(
  directory: string,
  platform: NodeJS.Platform = process.platform,
): Promise<LockPlace> {
  const real = await realpath(directory)
  if (platform === 'win32') return pipes(real)
  if (Buffer.byteLength(real) + 1 + longestName <= longestAddress) return files(real)
  if (platform === 'linux') return filesThroughHandle(real)
  const short = join(tmpdir(), `steptrail-${hashOf(real)}`)
  await mkdir(short, { recursive: true, mode: 0o700 })
  return files(short)
}

const nothing = (): void => undefined

const files = (directory: string): LockPlace => {
  const path = (name: string): string => join(directory, name)
  return { kind: 'files', path, address: path, close: nothing }
}

/** A descriptor, not a `FileHandle`, which would close itself when nobody held the lock's object any more. */
function filesThroughHandle(directory: string): LockPlace {
  const descriptor = openSync(directory, 'r')
  return {
    kind: 'files',
    path: (name) => join(directory, name),
    address: (name) => `/proc/self/fd/${descriptor}/${name}`,
    close: () => closeSync(descriptor),
  }
}

const pipes = (directory: string): LockPlace => {
  const path = (name: string): string => `\\\\.\\pipe\\steptrail-${hashOf(directory.toLowerCase())}-${name}`
  return { kind: 'pipe', path, address: path, close: nothing }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)
