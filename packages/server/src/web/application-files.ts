import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One built file, as it is and compressed. */
export interface ApplicationFile {
  readonly mediaType: string
  readonly plain: Uint8Array<ArrayBuffer>
  readonly encoded: Readonly<Partial<Record<Encoding, Uint8Array<ArrayBuffer>>>>
}

/** Encodings of answers, the best first. */
export const encodings = ['br', 'gzip'] as const
export type Encoding = (typeof encodings)[number]

const endings: Readonly<Record<Encoding, string>> = { br: '.br', gzip: '.gz' }

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Where the build of the pages puts them: the same from source and from `dist`. */
const applicationDirectory: string = fileURLToPath(new URL('../../dist/application/', import.meta.url))

/** The built pages by the path that they are asked for; none where they are not built. */
export function applicationFiles(directory = applicationDirectory): ReadonlyMap<string, ApplicationFile> {
  const paths = pathsBelow(directory)
  const files = paths.flatMap((path): readonly (readonly [string, ApplicationFile])[] => {
    const mediaType = mediaTypes[extname(path)]
    return mediaType === undefined ? [] : [[`/${path}`, fileOf(directory, path, mediaType)]]
  })
  return new Map(files)

  function fileOf(root: string, path: string, mediaType: string): ApplicationFile {
    const read = (name: string) => new Uint8Array(readFileSync(join(root, name)))
    const encoded: Partial<Record<Encoding, Uint8Array<ArrayBuffer>>> = {}
    for (const encoding of encodings)
      if (paths.includes(path + endings[encoding])) encoded[encoding] = read(path + endings[encoding])
    return { mediaType, plain: read(path), encoded }
  }
}

function pathsBelow(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((path) =>
      path.replaceAll('\\', '/'),
    )
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
