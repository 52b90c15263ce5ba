import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import { RefusedContent } from '../content/refused-content.ts'
import { type FileEntries, located, readCatalogFile } from './catalog-file.ts'
import { registerChecked } from './register-entries.ts'
import type { Registered, RegisteredBy } from './registered.ts'

/** What became of the entries of a directory. */
export interface AppliedDirectory extends Registered {
  /** The files that were read, in order. */
  readonly files: readonly string[]
}

/**
 * Registers all that the YAML files of a directory, and of those below it, hold: all of it or nothing. Also of one file.
 *
 * @throws TrailError what `registerEntries` throws, naming file and line; `invalid_input` where there is no such file
 */
export async function applyDirectory(
  database: Pick<Database, 'transaction'>,
  path: string,
  by: RegisteredBy,
): Promise<AppliedDirectory> {
  const files = await filesOf(path)
  const read: FileEntries[] = []
  for (const name of files) read.push(readCatalogFile({ name, text: await readFile(name, 'utf8') }))
  const actionTypes = read.flatMap((file) => file.actionTypes)
  const workflows = read.flatMap((file) => file.workflows)
  const entries = {
    actionTypes: actionTypes.map(({ entry }) => entry),
    workflows: workflows.map(({ entry }) => entry),
  }
  try {
    return { files, ...(await registerChecked(database, entries, by)) }
  } catch (error) {
    if (!(error instanceof TrailError) || typeof error.details['index'] !== 'number') throw error
    const place = workflows[error.details['index']]?.placeOf ?? (() => path)
    if (error instanceof RefusedContent)
      return located(place, () => {
        throw error
      })
    throw new TrailError(error.code, `${place()}: ${error.message}`, { details: error.details, cause: error })
  }
}

/** The YAML files, in the order of their names. */
async function filesOf(path: string): Promise<readonly string[]> {
  const kind = await stat(path).catch((cause: unknown) => {
    throw new TrailError(
      'invalid_input',
      `${path} cannot be read: give a directory of YAML files, or one of them`,
      {
        cause,
      },
    )
  })
  if (kind.isFile()) return [path]
  const names = await readdir(path, { recursive: true })
  const files = names.filter((name) => /\.ya?ml$/i.test(name)).toSorted()
  if (files.length > 0) return files.map((name) => join(path, name))
  throw new TrailError('invalid_input', `${path} holds no .yaml file: there is nothing to register`)
}
