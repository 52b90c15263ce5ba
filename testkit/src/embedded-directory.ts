import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { releaseAfterTest } from './release.ts'

/** A directory of its own for the test, in which there is no embedded database yet. */
export async function embeddedDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-'))
  releaseAfterTest(() => rm(directory, { recursive: true, force: true }))
  return directory
}
