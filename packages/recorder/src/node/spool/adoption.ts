import { join } from 'node:path'
import { readDestination } from './destination.ts'
import { adoptedName, type DirectoryName, parseDirectoryName, segmentNumber } from './directory-name.ts'
import { forgetDeadOwners, isOwned } from './owner.ts'
import { hasCode, type SpoolFiles } from './spool-files.ts'
import { removeUnused } from './unused-directory.ts'

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

/** What could not be looked into, taken or removed, such as the directory of another user. */
export interface Refused {
  readonly path: string
  readonly error: unknown
}

/** What became of what dead processes have left. */
export interface Adoption {
  readonly adopted: readonly Adopted[]
  readonly foreign: readonly Foreign[]
  readonly refused: readonly Refused[]
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
 * dead is what is renamed. One that cannot be taken does not keep it from the others.
 */
export async function adoptDead(place: AdoptionPlace, owner: string): Promise<Adoption> {
  const { directory, files } = place
  const adopted: Adopted[] = []
  const foreign: Foreign[] = []
  const refused: Refused[] = []
  for (const from of await directoriesIn(place)) {
    if (from.owner === owner || (await isOwned(directory, from.owner))) continue
    try {
      const found = await adopt(from, { place, owner })
      if (found && 'destination' in found) foreign.push(found)
      else if (found) adopted.push(found)
    } catch (error) {
      refused.push({ path: join(directory, from.name), error })
    }
  }
  if (adopted.length > 0) await files.syncDirectory(directory)
  return { adopted, foreign, refused: [...refused, ...(await forgetDead(place))] }
}

async function adopt(
  from: DirectoryName,
  { place, owner }: { readonly place: AdoptionPlace; readonly owner: string },
): Promise<Adopted | Foreign | undefined> {
  const { directory, files } = place
  const path = join(directory, from.name)
  if (!(await hasSegments(files, path))) {
    await removeUnused(files, path)
    return undefined
  }
  const destination = await readDestination(files, path)
  if (destination !== null && place.destination !== undefined && destination !== place.destination)
    return { from, path, destination }
  const own = join(directory, adoptedName(from, owner))
  return (await renamed(files, path, own)) ? { from, path: own } : undefined
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

async function renamed(files: SpoolFiles, from: string, to: string): Promise<boolean> {
  try {
    await files.rename(from, to)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

async function forgetDead({ directory, files }: AdoptionPlace): Promise<readonly Refused[]> {
  const refused: Refused[] = []
  await forgetDeadOwners(directory, await files.list(directory), (file, error) => {
    refused.push({ path: join(directory, file), error })
  })
  return refused
}
