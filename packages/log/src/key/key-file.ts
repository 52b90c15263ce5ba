import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeDirectory } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import { createFile, hasCode } from '../file/whole-file.ts'
import { SigningKey } from './signing-key.ts'

/** A key from a file, and whether it was made just now. */
export interface LoadedKey {
  readonly key: SigningKey
  readonly isNew: boolean
}

/**
 * The signing key in a file that only its owner may read. Where there is no file, a key is made: good for a start, but
 * a key beside the data proves little against who can write both.
 *
 * It is on disk when this resolves, and nobody finds a part of it: of any number of processes that ask at once, all get one.
 *
 * @throws TrailError `invalid_signing_key` for a file that others may read or that holds no key, and where none can be made
 */
export async function loadOrCreateKey(path: string): Promise<LoadedKey> {
  const pem = await readKey(path)
  if (pem !== null) return { key: new SigningKey(pem), isNew: false }
  const generated = SigningKey.generate()
  if (await isCreated(path, generated.pem)) return { key: generated.key, isNew: true }
  // Another process has made it in the meantime: then it is that one.
  const made = await readKey(path)
  if (made !== null) return { key: new SigningKey(made), isNew: false }
  throw unusable(path, `no key can be made in ${path}`, 'it is a link to nothing')
}

async function isCreated(path: string, pem: string): Promise<boolean> {
  try {
    await makeDirectory(dirname(path), 0o700)
    return await createFile(path, pem)
  } catch (error) {
    throw unusable(path, `no key can be made in ${path}`, error)
  }
}

async function readKey(path: string): Promise<string | null> {
  try {
    const { mode } = await stat(path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw readableByOthers(path, mode)
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    if (error instanceof TrailError) throw error
    throw unusable(path, `the key in ${path} cannot be read`, error)
  }
}

const unusable = (path: string, what: string, cause: unknown): TrailError =>
  new TrailError(
    'invalid_signing_key',
    `${what} (${cause instanceof Error ? cause.message : String(cause)}): let the user who runs this read and write there, name another directory, or give the key itself, as in STEPTRAIL_SIGNING_KEY`,
    { details: { path }, cause },
  )

const readableByOthers = (path: string, mode: number): TrailError =>
  new TrailError(
    'invalid_signing_key',
    `the key in ${path} has mode ${(mode & 0o777).toString(8).padStart(4, '0')}: others may read it. Run \`chmod 600 ${path}\`, or make another key`,
    { details: { path } },
  )
