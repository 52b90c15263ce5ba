import { TrailError } from '@steptrail/event'
import { openLockPlace } from './lock-place.ts'
import type { LockPlace } from './lock-place.ts'
import { askHolder, listenAsHolder, stopListening } from './lock-socket.ts'
import type { LockHolder } from './lock-socket.ts'
import { claimLockFile, type LockFileClaim } from './lock-file.ts'

/** Who wants the directory. */
export interface LockClaimant {
  readonly program: string
  /** Where its server listens, if it is one. */
  readonly url?: string
}

/** The directory is this process's until `release`, or until the process is gone. */
export interface EmbeddedLock {
  release(): Promise<void>
}

const lockName = 'lock.sock'

/**
 * Takes the data directory for this process: a socket `lock.sock` in it (a named pipe on Windows) that dies with
 * the process and answers each connection with one line of JSON, `{ pid, program, startedAt, url? }`. Throws
 * `embedded_database_in_use` with the holder's name, process id and start when the directory is taken, by this
 * process too; a socket whose process is gone is taken over.
 */
export async function acquireEmbeddedLock(directory: string, claimant: LockClaimant): Promise<EmbeddedLock> {
  try {
    const claimed = await claimIn(directory, lockName, claimant)
    if ('release' in claimed) return claimed
    throw inUse(directory, claimed.holder)
  } catch (error) {
    throw error instanceof TrailError ? error : cannotLock(directory, error)
  }
}

/**
 * Takes a lock for one kind of work on the data directory, whether this process holds the directory or works through the
 * one that does; null when somebody does that work already.
 */
export async function acquireWorkLock(directory: string, work: string): Promise<EmbeddedLock | null> {
  try {
    const claimed = await claimIn(directory, `${work}.sock`, { program: work })
    return 'release' in claimed ? claimed : null
  } catch (error) {
    throw cannotLock(directory, error)
  }
}

async function claimIn(directory: string, name: string, claimant: LockClaimant): Promise<Claim> {
  const place = await openLockPlace(directory)
  const holder = { pid: process.pid, startedAt: startOfProcess(), ...claimant }
  const claimed = await claim(place, { name, holder }).catch((error: unknown) => {
    place.close()
    throw error
  })
  if ('release' in claimed) return releasingPlace(claimed, place)
  place.close()
  return claimed
}

const startOfProcess = (): string => new Date(performance.timeOrigin).toISOString()

const releasingPlace = (lock: EmbeddedLock, place: LockPlace): EmbeddedLock => ({
  release: async () => {
    await lock.release()
    place.close()
  },
})

type Claim = EmbeddedLock | { readonly holder: LockHolder | null }

async function claim(place: LockPlace, { name, holder }: LockFileClaim): Promise<Claim> {
  if (place.kind === 'files') return claimLockFile(place, { name, holder })
  try {
    const server = await listenAsHolder(place.address(name), holder)
    return { release: () => stopListening(server) }
  } catch (error) {
    const found = await askHolder(place.address(name))
    if (found.state === 'held') return { holder: found.holder }
    throw error
  }
}

function inUse(directory: string, holder: LockHolder | null): TrailError {
  const advice = 'stop it, use another directory, or give the URL of a PostgreSQL server, which many may use'
  const who =
    holder === null
      ? 'a process that does not answer'
      : `${holder.program}, process ${holder.pid}${holder.pid === process.pid ? ' (this one)' : ''}, started ${holder.startedAt}`
  const where = holder?.url === undefined ? '' : `, serving ${holder.url}`
  return new TrailError(
    'embedded_database_in_use',
    `the embedded database in ${directory} is in use by ${who}${where}: ${advice}`,
    { details: { directory, ...holder } },
  )
}

const cannotLock = (directory: string, error: unknown): TrailError =>
  new TrailError(
    'database_unreachable',
    `cannot lock the embedded database in ${directory} (${error instanceof Error ? error.message : String(error)}): ` +
      'use a directory that this user may write to, on a file system that holds sockets',
    { details: { database: directory }, cause: error },
  )
