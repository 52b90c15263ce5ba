import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { constants, zstdDecompress } from 'node:zlib'

/** A tar, by zstd, of a data directory that PGlite made. `npm run empty-database -w @steptrail/core` makes it anew. */
export const emptyDatabaseFile = new URL('../../empty-database.tar.zst', import.meta.url)

/** As far apart, in bits, as the tar has the same catalog again, three times. */
export const emptyDatabaseWindow = 26

/** Decompressed in few pieces, each of which is copied once more: the tar has forty megabytes. */
const pieceBytes = 8 * 1024 * 1024

/** What a new embedded database begins with. To make one takes more than ten seconds of computing, to load one a third. */
export async function emptyDatabase(): Promise<Blob> {
  const params = { [constants.ZSTD_d_windowLogMax]: emptyDatabaseWindow }
  const options = { params, chunkSize: pieceBytes }
  const tar = await promisify(zstdDecompress)(await readFile(emptyDatabaseFile), options)
  return new Blob([tar], { type: 'application/x-tar' })
}
