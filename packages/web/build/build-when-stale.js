import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

// Builds the pages for a checkout that has none, or older ones than its sources: run before a server is started from
// source. It builds beside the place, then puts the result there, so that a server never reads half of it.

const root = fileURLToPath(new URL('../', import.meta.url))
const packages = join(root, '..')
const place = join(packages, 'server/dist/application')
// Processes of several containers have the same number.
const beside = join(root, `dist/${randomUUID()}`)

const sources = [
  'web/src',
  'web/public',
  'web/build',
  'web/index.html',
  'web/vite.config.ts',
  ...['client', 'event', 'recorder', 'verify', 'workflow'].map((name) => `${name}/src`),
]

if (await isStale()) {
  process.stderr.write('Building the pages, which takes some seconds the first time.\n')
  await build({ root, logLevel: 'warn', build: { outDir: beside, emptyOutDir: true } })
  await putInPlace()
}

async function isStale() {
  const built = await changedAt(join(place, 'index.html'))
  const times = await Promise.all(sources.map((path) => newest(join(packages, path))))
  return built === 0 || Math.max(...times) > built
}

/** When the newest file at or below a path was changed. */
async function newest(path) {
  if (!(await stat(path)).isDirectory()) return await changedAt(path)
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Math.max(0, ...(await Promise.all(files.map(changedAt))))
}

/** In milliseconds; 0 for what is not there. */
async function changedAt(path) {
  try {
    return (await stat(path)).mtimeMs
  } catch (error) {
    if (error.code === 'ENOENT') return 0
    throw error
  }
}

/** Another process may have built the same meanwhile, and been first. */
async function putInPlace() {
  await mkdir(dirname(place), { recursive: true })
  await rm(place, { recursive: true, force: true })
  try {
    await rename(beside, place)
  } catch (error) {
    await rm(beside, { recursive: true, force: true })
    if (await isStale()) throw error
  }
}
