import { createHash, randomBytes } from 'node:crypto'
import { link, stat, unlink } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { LockPlace } from './lock-place.ts'
import { askHolder, listenAsHolder, stopListening } from './lock-socket.ts'
import type { LockHolder } from './lock-socket.ts'

/** Which lock, and who wants it. */
export interface LockFileClaim {
  readonly name: string
  readonly holder: LockHolder
}

/** The lock, or who has it; null when its holder does not answer. */
export type LockFileOutcome = { release(): Promise<void> } | { readonly holder: LockHolder | null }

const pauseMs = 20
const mostAttempts = 250

/**
 * Takes a lock that is a socket file. The file of a process that died stays, so it must be known for dead and
 * removed by one process only:
 *
 * - A socket gets the lock's name, by `link`, only once it listens. So one that refuses connections is dead.
 * - Who removes a dead one must first take a second lock of the same kind, named after that very socket (inode
 *   and time), and then find the same socket there still. So none removes its successor. When the remover dies
 *   too, its lock is passed over for the next number: the dead remove nothing.
 */
export async function claimLockFile(place: LockPlace, claim: LockFileClaim): Promise<LockFileOutcome> {
  const own = `${randomBytes(6).toString('hex')}.sock`
  const server = await listenAsHolder(place.address(own), claim.holder)
  const release = async (): Promise<void> => {
    await removeFile(place.path(claim.name))
    await stopListening(server)
  }
  try {
    const holder = await takeName(place, { own, name: claim.name })
    if (holder === undefined) return { release }
    await stopListening(server)
    return { holder }
  } catch (error) {
    await stopListening(server)
    throw error
  } finally {
    await removeFile(place.path(own))
  }
}

/** One socket of ours and the name it is to get. */
interface Names {
  readonly own: string
  readonly name: string
}

/** Resolves to undefined once the name is ours, else to its holder. */
async function takeName(place: LockPlace, names: Names): Promise<LockHolder | null | undefined> {
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    if (await linkFile(place, names)) return undefined
    const before = await identityOf(place.path(names.name))
    const found = await askHolder(place.address(names.name))
    if (found.state === 'held') return found.holder
    if (found.state === 'dead' && before !== undefined)
      await removeDead(place, { ...names, identity: before })
    if (found.state === 'closing') await wait(pauseMs)
  }
  return null
}

/** Removes the dead socket, or waits for who does. Its identity was read before it was found dead. */
async function removeDead(place: LockPlace, dead: Names & { readonly identity: string }): Promise<void> {
  const taken: string[] = []
  for (;;) {
    const guard = `${dead.identity}-${taken.length}.sock`
    taken.push(guard)
    if (await linkFile(place, { own: dead.own, name: guard })) break
    const found = await askHolder(place.address(guard))
    if (found.state !== 'dead') return wait(pauseMs)
  }
  if ((await identityOf(place.path(dead.name))) === dead.identity) await removeFile(place.path(dead.name))
  for (const guard of taken) await removeFile(place.path(guard))
}

/** What tells one socket from another that had the same name: linking and unlinking change neither inode nor time. */
async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { ino, mtimeNs } = await stat(path, { bigint: true })
    return createHash('sha256').update(`${ino} ${mtimeNs}`).digest('hex').slice(0, 12)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

async function linkFile(place: LockPlace, { own, name }: Names): Promise<boolean> {
  try {
    await link(place.path(own), place.path(name))
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
