import { access } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesOf, root } from './source-files.ts'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly description?: string
  readonly license?: string
  readonly type?: string
  readonly exports?: unknown
  readonly scripts?: Readonly<Record<string, string>>
  readonly bin?: unknown
  readonly files?: readonly string[]
  readonly engines?: { readonly node?: string }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly allowScripts?: Readonly<Record<string, boolean>>
}

interface LockEntry {
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly hasInstallScript?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const [rootManifest] = await manifestsOf('package.json')
const packages = await manifestsOf('{packages,adapters}/*/package.json')
const workspaces = [...packages, ...(await manifestsOf('{testkit,examples/*}/package.json'))]
const lock = await lockEntries()

describe('the lockfile', () => {
  it('names no registry, so that an install works with any', () => {
    const named = lock.filter(([, { resolved }]) => resolved?.startsWith('http'))
    expect(named.map(([path]) => path)).toEqual([])
  })

  it('has the integrity of every package that is installed', () => {
    const open = lock.filter(
      ([path, entry]) => path.includes('node_modules/') && !entry.link && !entry.integrity,
    )
    expect(open.map(([path]) => path)).toEqual([])
  })

  it('has the optional packages of every platform', () => {
    const present = new Set(lock.map(([path]) => path.split('node_modules/').at(-1)))
    const optional = lock.flatMap(([, entry]) => Object.keys(entry.optionalDependencies ?? {}))
    expect(optional.filter((name) => !present.has(name))).toEqual([])
  })

  it('has no install script that package.json does not allow or deny by name', () => {
    const withScript = lock.filter(([path, entry]) => path !== '' && entry.hasInstallScript)
    const names = withScript.map(([path]) => path.split('node_modules/').at(-1) ?? '')
    expect(names.toSorted()).toEqual(Object.keys(rootManifest?.allowScripts ?? {}).toSorted())
  })
})

describe('the packages', () => {
  it.each(workspaces)('$name is licensed, an ES module, and of the one version', (manifest) => {
    expect(manifest).toMatchObject({ license: 'Apache-2.0', type: 'module', version: rootManifest?.version })
    const ours = Object.entries(manifest.dependencies ?? {}).filter(([name]) =>
      name.startsWith('@steptrail/'),
    )
    expect(ours.filter(([, version]) => version !== manifest.version)).toEqual([])
  })

  it.each(packages.filter((manifest) => manifest.private !== true))(
    '$name can be published: it says what it is, what it needs and what it offers',
    (manifest) => {
      expect(manifest.description).toMatch(/\.$/)
      expect(manifest.engines?.node).toBe('>=22.18')
      expect(manifest.exports ?? manifest.bin).toBeDefined()
      expect(manifest.files).toContain('dist')
    },
  )
})

describe('the documents', () => {
  it('link to what is there', async () => {
    const documents = await filesOf('**/*.md')
    const links = documents.flatMap(({ path, text }) => relativeLinks(text).map((link) => ({ path, link })))
    const checked = await Promise.all(
      links.map(async ({ path, link }) =>
        (await exists(join(root, dirname(path), link))) ? [] : [`${path}: ${link}`],
      ),
    )
    expect(checked.flat()).toEqual([])
  })

  it('record each decision on at most a page: context, decision, consequences', async () => {
    const records = await filesOf('docs/decisions/*.md')
    const numbers = records.map(({ path }) => /\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1])
    expect(numbers).toEqual(records.map((_, index) => String(index + 1).padStart(4, '0')))
    for (const { path, text } of records) {
      expect(text.trimEnd().split('\n').length, path).toBeLessThanOrEqual(60)
      for (const part of [/context/i, /decision/i, /consequences/i]) expect(text, path).toMatch(part)
    }
  })

  it('name the command that the continuous integration runs', async () => {
    const [readme] = await filesOf('README.md')
    const [run] = await filesOf('.ci/run')
    expect(readme?.text).toContain('npm ci && npm test')
    expect(run?.text).toContain('npm ci && npm test')
  })

  it('leave no test file out of what the continuous integration runs', async () => {
    const [manifest] = await manifestsOf('package.json')
    const [run] = await filesOf('.ci/run')
    expect(manifest?.scripts).toMatchObject({
      test: 'vitest run --exclude "**/*.e2e.test.ts"',
      'test:e2e': 'vitest run .e2e.test.ts',
    })
    expect(run?.text).toContain('npm run test:e2e')
  })
})

async function manifestsOf(pattern: string): Promise<readonly Manifest[]> {
  return (await filesOf(pattern)).map(({ text }) => JSON.parse(text) as Manifest)
}

async function lockEntries(): Promise<readonly (readonly [string, LockEntry])[]> {
  const [file] = await filesOf('package-lock.json')
  const { packages: entries } = JSON.parse(file?.text ?? '') as { packages: Record<string, LockEntry> }
  return Object.entries(entries)
}

/** The targets of Markdown links that lead into the repository, without their anchors. */
function relativeLinks(text: string): readonly string[] {
  const prose = text.replaceAll(/```[^]*?```/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
