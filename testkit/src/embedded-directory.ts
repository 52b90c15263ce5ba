import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@steptrail/core'
import { embeddedTemplate } from './embedded-template.ts'
import { releaseAfterTest } from './release.ts'

/** A directory of its own for the test, with an empty embedded database in it; see `prepareEmbedded`. */
export async function embeddedDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-'))
  releaseAfterTest(() => rm(directory, { recursive: true, force: true }))
  await prepareEmbedded(directory)
  return directory
}

/** Puts an empty embedded database into the directory, so that a program which finds it there starts in a second. */
export async function prepareEmbedded(directory: string): Promise<void> {
  const database = await openDatabase({ dataDir: directory, template: await embeddedTemplate() })
  await database.close()
}
