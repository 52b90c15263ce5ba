import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** Puts beside each built file what a server sends of it to those who take it compressed: `.br` and `.gz`. */
export function compressed(): Plugin {
  let directory = ''
  return {
    name: 'compressed',
    apply: 'build',
    configResolved(config) {
      directory = resolve(config.root, config.build.outDir)
    },
    async closeBundle() {
      const paths = await readdir(directory, { recursive: true })
      for (const path of paths.filter((name) => /\.(js|css|svg)$/.test(name))) {
        const bytes = await readFile(join(directory, path))
        const quality = { [constants.BROTLI_PARAM_QUALITY]: 11 }
        await writeFile(join(directory, `${path}.br`), brotliCompressSync(bytes, { params: quality }))
        await writeFile(join(directory, `${path}.gz`), gzipSync(bytes, { level: 9 }))
      }
    },
  }
}
