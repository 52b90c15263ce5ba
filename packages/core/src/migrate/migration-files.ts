import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

/** One numbered file of `packages/core/sql`. */
export interface Migration {
  /** 1 for `0001_executions.sql`. */
  readonly version: number
  /** The file's name. */
  readonly name: string
  readonly sql: string
  /** SHA-256 of the text, in hexadecimal; line ends count as line feeds, whatever the checkout made of them. */
  readonly sha256: string
}

/** The same place seen from `src/migrate` and from `dist/migrate`. */
const sqlDirectory = new URL('../../sql/', import.meta.url)

/** Every migration that this program knows, in order. Throws when numbers are missing or doubled. */
export async function readMigrations(directory: URL = sqlDirectory): Promise<readonly Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).toSorted()
  return Promise.all(names.map((name, index) => readMigration(directory, name, index + 1)))
}

async function readMigration(directory: URL, name: string, expected: number): Promise<Migration> {
  const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1])
  if (version !== expected) throw new Error(`${name} stands where migration number ${expected} should`)
  const sql = (await readFile(new URL(name, directory), 'utf8')).replaceAll('\r\n', '\n')
  return { version, name, sql, sha256: createHash('sha256').update(sql).digest('hex') }
}
