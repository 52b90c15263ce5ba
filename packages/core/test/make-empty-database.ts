import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import { PGlite } from '@electric-sql/pglite'
import { emptyDatabaseFile, emptyDatabaseWindow } from '../src/database/empty-database.ts'

const engine = new PGlite('memory://')
await engine.waitReady
const dump = await engine.dumpDataDir('none')
const params = {
  [constants.ZSTD_c_compressionLevel]: 19,
  [constants.ZSTD_c_enableLongDistanceMatching]: 1,
  [constants.ZSTD_c_windowLog]: emptyDatabaseWindow,
}
const packed = await promisify(zstdCompress)(await dump.bytes(), { params })
await engine.close()
await writeFile(emptyDatabaseFile, packed)
process.stdout.write(`an empty database in ${packed.length} bytes\n`)
