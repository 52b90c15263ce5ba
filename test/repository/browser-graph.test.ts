import { dirname, join } from 'node:path/posix'
import { describe, expect, it } from 'vitest'
import { filesOf, importsOf, packageOf, type SourceFile } from './source-files.ts'

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, { readonly 'steptrail:source': string }>>
}

const files = new Map((await filesOf('packages/*/src/**/*.ts')).map((file) => [file.path, file]))
const manifests = (await filesOf('packages/*/package.json')).map(({ path, text }) => ({
  folder: dirname(path),
  manifest: JSON.parse(text) as Manifest,
}))

/** Where a module of ours is; undefined for one of others. */
function resolved(specifier: string, { path }: SourceFile): string | undefined {
  if (specifier.startsWith('.')) return join(dirname(path), specifier)
  const name = packageOf(specifier) ?? ''
  const found = manifests.find(({ manifest }) => manifest.name === name)
  const entry = found?.manifest.exports[`.${specifier.slice(name.length)}`]
  return found && entry ? join(found.folder, entry['steptrail:source']) : undefined
}

/** All modules of others that a file brings with it, through everything that it imports. */
function broughtBy(path: string, seen = new Set<string>()): ReadonlySet<string> {
  const file = files.get(path)
  if (!file) throw new Error(`there is no ${path}`)
  seen.add(path)
  const others = importsOf(file).flatMap((specifier) => {
    const target = resolved(specifier, file)
    if (target === undefined) return [specifier]
    return seen.has(target) ? [] : [...broughtBy(target, seen)]
  })
  return new Set(others)
}

describe('what runs in browsers', () => {
  it.each([
    'packages/verify/src/index.ts',
    'packages/event/src/index.ts',
    'packages/workflow/src/index.ts',
    'packages/recorder/src/index.ts',
    'packages/client/src/index.ts',
    'packages/client/src/messages/index.ts',
  ])('%s brings nothing with it but zod, through whatever it imports', (path) => {
    expect([...broughtBy(path)].filter((name) => packageOf(name) !== 'zod')).toEqual([])
  })

  it('is told from what is for Node', () => {
    expect([...broughtBy('packages/client/src/node.ts')]).toContain('node:fs/promises')
  })
})
