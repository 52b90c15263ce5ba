import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { binariesIn, copyPostgres, locatePostgres, type PostgresBinaries } from './binaries.ts'
import { canExecute, serverOwner, type ServerOwner } from './owner.ts'

/** The programs of a server, who runs them, and its superuser's password. */
export interface Installation {
  readonly binaries: PostgresBinaries
  readonly owner: ServerOwner
  readonly password: string
}

/** The name of the superuser of a test server. */
export const superuser = 'steptrail'

const run = promisify(execFile)

/**
 * Prepares `data` in the directory, and the programs beside it if the server's owner cannot reach those that npm
 * installed.
 */
export async function install(directory: string): Promise<Installation> {
  const owner = await serverOwner()
  if (owner.uid !== undefined && owner.gid !== undefined) await chown(directory, owner.uid, owner.gid)
  const binaries = await reachableBinaries(directory, owner)
  const password = randomBytes(12).toString('hex')
  await initialise({ binaries, owner, password }, directory)
  return { binaries, owner, password }
}

async function reachableBinaries(directory: string, owner: ServerOwner): Promise<PostgresBinaries> {
  const installed = await locatePostgres()
  if (owner.uid === undefined || (await canExecute(binariesIn(installed).initdb, owner))) {
    return binariesIn(installed)
  }
  const copy = join(directory, 'postgres')
  await mkdir(copy)
  await copyPostgres(installed, copy)
  return binariesIn(copy)
}

async function initialise({ binaries, owner, password }: Installation, directory: string): Promise<void> {
  const passwordFile = join(directory, 'password')
  await writeFile(passwordFile, password)
  if (owner.uid !== undefined && owner.gid !== undefined) await chown(passwordFile, owner.uid, owner.gid)
  const args = [
    `--pgdata=${join(directory, 'data')}`,
    `--username=${superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=icu',
    '--icu-locale=en-US',
    '--no-sync',
    '--no-instructions',
    // Each test opens many connections; the strength of the password's hash protects nothing here.
    '--set=scram_iterations=1',
  ]
  await run(binaries.initdb, args, { ...owner, cwd: directory })
  await rm(passwordFile)
}
