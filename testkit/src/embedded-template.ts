import { randomUUID } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { cacheDirectory } from './cache-directory.ts'

/**
 * A dump of an empty embedded database. To create one from nothing is most of what starting it takes, so it is done
 * once in a checkout and kept among the installed packages.
 */
export async function embeddedTemplate(): Promise<Blob> {
  const file = join(cacheDirectory, `pglite-${await pgliteVersion()}.tar`)
  if (!(await isThere(file))) await writeTemplate(file)
  return await openAsBlob(file)
}

async function pgliteVersion(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const manifest = await readFile(join(dirname(entry), '..', 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}

async function isThere(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  )
}

/** Under another name first: two processes may do it at the same time, and each sees a whole file or none. */
async function writeTemplate(file: string): Promise<void> {
  await using engine = new PGlite('memory://')
  await engine.waitReady
  const dump = await engine.dumpDataDir('none')
  await mkdir(dirname(file), { recursive: true })
  const unfinished = `${file}.${randomUUID()}`
  await writeFile(unfinished, dump.stream())
  await rename(unfinished, file)
}
