import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { glob, open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeDirectory } from '@steptrail/recorder/node'
import { TrailError } from '@steptrail/event'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { fileWriter, parquetWriteRows } from 'hyparquet-writer'
import type { Archive, ArchivedFile, ArchiveRequest } from './archive.ts'
import { parquetSchema } from './archived-columns.ts'
import { type ArchivedRow, RowDigest } from './row-digest.ts'

const rowsInAGroup = 20_000

/**
 * An archive of Parquet files in a directory: `TABLE/MONTH/RUN.parquet`, and `manifests/RUN.json` with counts and
 * digests, written last. Instants are timestamps of microseconds in UTC; JSON, UUIDs and intervals are text.
 *
 * It throws `archive_unwritable` where the directory or its disk takes no more, `archive_unverified` where what is read
 * back is not what was written.
 */
export function parquetArchive(directory: string): Archive {
  return {
    store: (request) => onDisk(directory, () => store(directory, request)),
    finish: (runId, files) => onDisk(directory, () => writeManifest(directory, runId, files)),
    discard: async (runId) => {
      for await (const path of glob(`**/${runId}.*`, { cwd: directory })) await rm(join(directory, path))
    },
  }
}

/** Runs what writes there. The rows come from elsewhere: what their connection meets is thrown as it is. */
async function onDisk<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isOfFiles(error)) throw error
    throw new TrailError(
      'archive_unwritable',
      `the archive in ${directory} cannot be written (${error.message}): nothing was let go of`,
      { details: { directory }, cause: error },
    )
  }
}

/** Node begins the message of such an error with its code, that of a socket's with what was called. */
const isOfFiles = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.message.startsWith(`${String(error.code)}: `)

async function store(directory: string, request: ArchiveRequest): Promise<ArchivedFile> {
  const { table, month, runId } = request
  const path = join(table, month ?? 'all', `${runId}.parquet`)
  const target = join(directory, path)
  await makeDirectory(dirname(target))
  const written = await write(`${target}.partial`, request)
  const read = await readBack(`${target}.partial`, request)
  if (written.rowCount !== read.rowCount || written.digest !== read.digest)
    throw differs(target, written, read)
  await rename(`${target}.partial`, target)
  await syncDirectory(dirname(target))
  const { size } = await stat(target)
  return { table, month, path, byteCount: size, fileDigest: await digestOfFile(target), ...written }
}

type Written = Pick<ArchivedFile, 'rowCount' | 'digest'>

async function write(path: string, { columns, rows }: ArchiveRequest): Promise<Written> {
  const digest = new RowDigest(columns.map(({ name }) => name))
  const bigints = columns
    .filter(({ kind }) => kind === 'integer' || kind === 'instant')
    .map(({ name }) => name)
  async function* digested(): AsyncGenerator<Record<string, unknown>> {
    for await (const row of rows) {
      digest.add(row)
      const typed = bigints.map((name) => [name, typeof row[name] === 'string' ? BigInt(row[name]) : null])
      yield { ...row, ...(Object.fromEntries(typed) as ArchivedRow) }
    }
  }
  await parquetWriteRows({
    writer: fileWriter(path),
    rows: digested(),
    columns: columns.map(({ name }) => ({ name })),
    schema: parquetSchema(columns),
    rowGroupSize: rowsInAGroup,
    createdBy: 'steptrail',
  })
  const file = await open(path, 'r+')
  await file.sync()
  await file.close()
  return digest.finish()
}

/** Group by group, so that no more than one is in memory. */
async function readBack(path: string, { columns }: ArchiveRequest): Promise<Written> {
  const digest = new RowDigest(columns.map(({ name }) => name))
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file)
  let rowStart = 0
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows)
    const rows = await parquetReadObjects({ file, metadata, rowStart, rowEnd, parsers })
    for (const row of rows) digest.add(row)
    rowStart = rowEnd
  }
  return digest.finish()
}

/** A Date would lose the microseconds. */
const parsers = { timestampFromMicroseconds: (microseconds: bigint): unknown => microseconds } as NonNullable<
  Parameters<typeof parquetReadObjects>[0]['parsers']
>

async function writeManifest(
  directory: string,
  runId: string,
  files: readonly ArchivedFile[],
): Promise<void> {
  const path = join(directory, 'manifests', `${runId}.json`)
  await makeDirectory(dirname(path))
  const text = `${JSON.stringify({ version: 1, runId, files }, null, 2)}\n`
  await writeFile(`${path}.partial`, text, { flush: true })
  await rename(`${path}.partial`, path)
  await syncDirectory(dirname(path))
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  await directory.sync()
  await directory.close()
}

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

const differs = (path: string, written: Written, read: Written): TrailError =>
  new TrailError(
    'archive_unverified',
    `${path} holds ${read.rowCount} rows (${read.digest}) where ${written.rowCount} (${written.digest}) were written: nothing was let go of`,
    { details: { path, written, read } },
  )
