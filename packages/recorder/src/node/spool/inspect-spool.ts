import { join } from 'node:path'
import type { OutgoingEvent } from '../../outgoing-event.ts'
import { directoriesIn } from './adoption.ts'
import { readDeadLetters } from './dead-letters.ts'
import { readDestination } from './destination.ts'
import {
  type DirectoryName,
  isDamagedFile,
  type NamedProcess,
  processOf,
  segmentNumber,
} from './directory-name.ts'
import { isOwned } from './owner.ts'
import { type Position, readPosition } from './position.ts'
import { readSegment, type SegmentContent, type SpoolDamage } from './segment.ts'
import { hasCode, type SpoolFiles, systemFiles } from './spool-files.ts'
import { spoolUnavailable } from './trouble.ts'

/** What is in the directory of one process. */
export interface InspectedDirectory {
  readonly path: string
  /** The process that appended what is in it. */
  readonly process: NamedProcess
  /** The process that has it: the same, or the one that adopted it. */
  readonly owner: NamedProcess & { readonly isAlive: boolean }
  readonly isAdopted: boolean
  /** What its events are for, as whoever appended them said; null where they did not. */
  readonly destination: string | null
  /** What is not settled. */
  readonly events: number
  readonly bytes: number
  /** The timestamps of the oldest and the newest of them, ISO 8601; null when there is none. */
  readonly oldest: string | null
  readonly newest: string | null
  readonly damages: readonly (SpoolDamage & { readonly file: string })[]
  readonly deadLetters: number
  /** Lines among the dead letters that are none, such as one that was being written when its process ended. */
  readonly unreadableDeadLetters: number
}

/** Where to look. */
export interface InspectSpoolOptions {
  readonly directory: string
  /** Is given each event that is not settled, in order. */
  readonly onEvent?: (event: OutgoingEvent, from: NamedProcess) => void
  /** The file system. Default: this machine's. */
  readonly files?: SpoolFiles
}

/**
 * Looks into a spool, and changes nothing: what is in each process's directory, the oldest first. Undefined when there
 * is no such directory. What a living process is appending may be there or not.
 *
 * @throws TrailError `spool_unavailable` when this user may not read it, or it is none
 */
export async function inspectSpool(
  options: InspectSpoolOptions,
): Promise<readonly InspectedDirectory[] | undefined> {
  try {
    return await inspectDirectories(options)
  } catch (error) {
    throw spoolUnavailable(options.directory, error)
  }
}

async function inspectDirectories(
  options: InspectSpoolOptions,
): Promise<readonly InspectedDirectory[] | undefined> {
  const { directory, files = systemFiles, onEvent } = options
  const names = await unlessMissing(directoriesIn({ directory, files }))
  if (names === undefined) return undefined
  const inspected: InspectedDirectory[] = []
  for (const name of names) {
    // It may be adopted or removed while we look.
    const found = await unlessMissing(inspectDirectory(name, { directory, files, onEvent }))
    if (found) inspected.push(found)
  }
  return inspected
}

interface Looking {
  readonly directory: string
  readonly files: SpoolFiles
  readonly onEvent: InspectSpoolOptions['onEvent']
}

async function inspectDirectory(
  name: DirectoryName,
  { directory, files, onEvent }: Looking,
): Promise<InspectedDirectory | undefined> {
  const path = join(directory, name.name)
  const isAlive = await isOwned(directory, name.owner)
  const position = await readPosition(files, path)
  const process = processOf(name.origin)
  const sums = { events: 0, bytes: 0, oldest: Infinity, newest: -Infinity }
  const damages: (SpoolDamage & { file: string })[] = []
  for (const file of (await files.list(path)).toSorted()) {
    // A living process removes what it has settled.
    const found = (await unlessMissing(unsettledIn(join(path, file), { file, position, files }))) ?? nothing
    const told = found.damages.filter(({ kind }) => kind !== 'torn' || !isAlive)
    damages.push(...told.map((damage) => ({ ...damage, file })))
    for (const { event, offset, end } of found.events) {
      onEvent?.(event, process)
      sums.events += 1
      sums.bytes += end - offset
      sums.oldest = Math.min(sums.oldest, event.timestampMs)
      sums.newest = Math.max(sums.newest, event.timestampMs)
    }
  }
  const { letters, unreadable } = await readDeadLetters(files, path)
  if (!(await files.exists(path))) return undefined
  return {
    path,
    process,
    owner: { ...processOf(name.owner), isAlive },
    isAdopted: name.owner !== name.origin,
    destination: await readDestination(files, path),
    events: sums.events,
    bytes: sums.bytes,
    oldest: instant(sums.oldest),
    newest: instant(sums.newest),
    damages,
    deadLetters: letters.length,
    unreadableDeadLetters: unreadable,
  }
}

const nothing: SegmentContent = { events: [], damages: [] }

/** What is not settled in a segment, or the damage in one that was kept for it. */
async function unsettledIn(
  path: string,
  { file, position, files }: { file: string; position: Position; files: SpoolFiles },
): Promise<SegmentContent> {
  if (isDamagedFile(file)) {
    const { damages } = readSegment(await files.read(path))
    return { events: [], damages: damages.filter(({ kind }) => kind === 'damaged') }
  }
  const number = segmentNumber(file)
  if (number === undefined || number < position.segment) return nothing
  return readSegment(await files.read(path), number === position.segment ? position.offset : 0)
}

const instant = (timestampMs: number): string | null =>
  Number.isFinite(timestampMs) ? new Date(timestampMs).toISOString() : null

async function unlessMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
