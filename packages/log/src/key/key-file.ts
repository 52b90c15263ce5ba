import { open, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeDirectory } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
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
 * @throws TrailError `invalid_signing_key` for a file that others may read or that holds no key
 */
export async function loadOrCreateKey(path: string): Promise<LoadedKey> {
  const pem = await readKey(path)
  if (pem !== null) return { key: new SigningKey(pem), isNew: false }
  const generated = SigningKey.generate()
  try {
    await makeDirectory(dirname(path), 0o700)
    await writeNew(path, generated.pem)
  } catch (error) {
    // Another process has made it in the meantime: then it is that one.
    if (isCode(error, 'EEXIST')) return loadOrCreateKey(path)
    throw unusable(path, `no key can be made in ${path}`, error)
  }
  return { key: generated.key, isNew: true }
}

async function readKey(path: string): Promise<string | null> {
  try {
    const { mode } = await stat(path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw readableByOthers(path, mode)
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    if (error instanceof TrailError) throw error
    throw unusable(path, `the key in ${path} cannot be read`, error)
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
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

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
