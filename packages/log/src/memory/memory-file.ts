import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import { hasCode, replaceFile } from '../file/whole-file.ts'
import type { OutsideMemory } from './outside-memory.ts'

/**
 * A directory with a file for each log: its last checkpoint, as a signed note that any tool can verify. A file is
 * replaced as a whole and on disk before `write` resolves, so a crash leaves the one before or the new one. Both throw
 * `memory_unusable` where the system does not let them.
 */
export function memoryInDirectory(directory: string): OutsideMemory {
  return {
    read: async (origin) => {
      try {
        return await readFile(pathOf(directory, origin), 'utf8')
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return null
        throw unusable(directory, 'read', error)
      }
    },
    write: async (origin, checkpoint) => {
      try {
        await makeDirectory(directory, 0o700)
        await replaceFile(pathOf(directory, origin), checkpoint)
      } catch (error) {
        throw unusable(directory, 'written', error)
      }
      return checkpoint
    },
  }
}

const unusable = (directory: string, what: string, cause: unknown): TrailError =>
  new TrailError(
    'memory_unusable',
    `the checkpoints remembered in ${directory} cannot be ${what}, as the user who runs this: ${cause instanceof Error ? cause.message : String(cause)}`,
    { details: { directory }, cause },
  )

/** Where the checkpoint of a log is kept: origins may hold slashes, so the name is a digest. */
export const pathOf = (directory: string, origin: string): string =>
  join(directory, `${createHash('sha256').update(origin).digest('hex').slice(0, 16)}.checkpoint`)
