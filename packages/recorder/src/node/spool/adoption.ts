import { join } from 'node:path'
import { readDestination } from './destination.ts'
import {
  adoptedName,
  destinationFile,
  type DirectoryName,
  parseDirectoryName,
  positionFile,
  segmentNumber,
} from './directory-name.ts'
import { forgetOwner, isOwned, ownersAmong } from './owner.ts'
import { hasCode, type SpoolFiles } from './spool-files.ts'

/** What there is in a spool's directory, and who looks. */
export interface AdoptionPlace {
  readonly directory: string
  readonly files: SpoolFiles
  /** What is adopted has to be for it, unless nobody said what it is for; undefined: anything. */
  readonly destination?: string | undefined
}

/** A directory that was adopted. */
export interface Adopted {
  readonly from: DirectoryName
  readonly path: string
}

/** A directory that was left alone, since it is for something else. */
export interface Foreign {
  readonly from: DirectoryName
  readonly path: string
  readonly destination: string
}

/** The processes' directories in a spool, the oldest first. */
export async function directoriesIn({ directory, files }: AdoptionPlace): Promise<readonly DirectoryName[]> {
  const names = await files.list(directory)
  return names
    .map(parseDirectoryName)
    .filter((name) => name !== undefined)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * Takes over the directories that have events and whose owner is dead, each by renaming it to one of `owner`'s. Of any
 * number of processes that try at once, the renaming succeeds for one: names are never used twice, so what was found
 * dead is what is renamed.
 */
export async function adoptDead(
  place: AdoptionPlace,
  owner: string,
): Promise<{ readonly adopted: readonly Adopted[]; readonly foreign: readonly Foreign[] }> {
  const { directory, files } = place
  const adopted: Adopted[] = []
  const foreign: Foreign[] = []
  for (const from of await directoriesIn(place)) {
    if (from.owner === owner || (await isOwned(directory, from.owner))) continue
    if (!(await hasSegments(files, join(directory, from.name)))) {
      await removeUnused(files, join(directory, from.name))
      continue
    }
    const destination = await readDestination(files, join(directory, from.name))
    if (destination !== null && place.destination !== undefined && destination !== place.destination) {
      foreign.push({ from, path: join(directory, from.name), destination })
      continue
    }
    const path = join(directory, adoptedName(from, owner))
    if (await renamed(files, join(directory, from.name), path)) adopted.push({ from, path })
  }
  if (adopted.length > 0) await files.syncDirectory(directory)
  await forgetDead(place)
  return { adopted, foreign }
}

/** A directory with nothing but dead letters is nobody's to replay. */
async function hasSegments(files: SpoolFiles, path: string): Promise<boolean> {
  try {
    return (await files.list(path)).some((file) => segmentNumber(file) !== undefined)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

/** Removes a directory in which nothing was ever left; one with dead letters or damage stays. */
async function removeUnused(files: SpoolFiles, path: string): Promise<void> {
  await files.remove(join(path, positionFile))
  await files.remove(join(path, destinationFile))
  await files.removeDirectory(path)
}

async function renamed(files: SpoolFiles, from: string, to: string): Promise<boolean> {
  try {
    await files.rename(from, to)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

async function forgetDead({ directory, files }: AdoptionPlace): Promise<void> {
  for (const name of ownersAmong(await files.list(directory)))
    if (!(await isOwned(directory, name))) await forgetOwner(directory, name)
}
