import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { createEmptyDatabase, runProgram } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { documentsWithPrograms, programsOf } from '../documents/markdown.ts'
import { filesOf, root } from '../repository/source-files.ts'

const run = promisify(execFile)
const compiler = join(root, 'node_modules/typescript/bin/tsc')

const application = `
  import { openDatabase, type Database } from '@steptrail/core'
  import type { EventInput } from '@steptrail/event'
  const input: EventInput = { eventType: 'OPERATION_SUCCEEDED', serviceName: 'checkout' }
  await using database: Database = await openDatabase()
  console.log(input.serviceName?.length, database.kind === 'embedded')
`

/** What a page may use, which has no types of Node. */
const page = `
  import { createClient } from '@steptrail/client'
  import { createRecorder } from '@steptrail/recorder'
  import { verifyPack } from '@steptrail/verify'
  import { timelineOf } from '@steptrail/workflow/timeline'
  console.log(createClient, createRecorder, verifyPack, timelineOf)
`

interface DemoReport {
  readonly executions: readonly unknown[]
  readonly checks: readonly { readonly passed: boolean }[]
}

interface Manifest {
  /** The package's directory, from the root. */
  readonly directory: string
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

interface Packed {
  readonly name: string
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

describe('the packages as they are published', () => {
  let folder = ''
  let published: readonly Manifest[] = []
  let packed: readonly Packed[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steptrail-published-'))
    published = await publishedManifests()
    await build()
    packed = await pack(published, folder)
    for (const each of packed) await unpack(each, folder)
    await linkOthers(published, folder)
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  }, 120_000)

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  it('hold what was built, and neither sources nor tests', () => {
    for (const { name, files } of packed) {
      const paths = files.map(({ path }) => path)
      expect(paths, name).toContain(name === 'steptrail' ? 'dist/main.js' : 'dist/index.js')
      expect(paths, name).toContain('LICENSE')
      expect(paths.filter((path) => /^(src|test)\/|\.test\.|tsbuildinfo|tsconfig/.test(path))).toEqual([])
    }
  })

  it('bring the pages with the server', () => {
    const server = packed.find(({ name }) => name === '@steptrail/server')
    const paths = server?.files.map(({ path }) => path) ?? []
    expect(paths).toContain('dist/application/index.html')
    expect(paths.filter((path) => /^dist\/application\/assets\/.*\.js\.br$/.test(path))).not.toEqual([])
  })

  it('can be imported where no source is', async () => {
    const names = published.map(({ name }) => name).filter((name) => name !== 'steptrail')
    const { stdout } = await node([
      '--input-type=module',
      '--eval',
      `for (const name of ${JSON.stringify(names)}) {
         const exported = await import(name)
         console.log(name, Object.keys(exported).length > 0)
       }`,
    ])
    expect(stdout.trim().split('\n')).toEqual(names.map((name) => `${name} true`))
  })

  it('run the command line', async () => {
    const { stdout } = await node(['node_modules/steptrail/bin/steptrail.js', '--version'])
    expect(stdout.trim()).toBe(published[0]?.version)
  })

  it('are typed', { timeout: 120_000 }, async () => {
    await writeFile(join(folder, 'application.ts'), application)
    await writeFile(join(folder, 'mistaken.ts'), application.replace(`'checkout'`, '5'))
    const { stdout } = await check('application.ts', 'mistaken.ts').catch(
      (error: unknown) => error as { readonly stdout: string },
    )
    expect(stdout.split('\n').filter((line) => line.includes('error TS'))).toEqual([
      expect.stringMatching(/^mistaken\.ts\(4,\d+\): .*Type 'number' is not assignable to type 'string/),
    ])
  })

  it('have the types that the documents show, for the strictest compiler', { timeout: 180_000 }, async () => {
    const documents = await filesOf(documentsWithPrograms)
    const programs = documents.flatMap(({ path, text }) => programsOf(path, text))
    expect(programs.length).toBeGreaterThan(10)
    for (const [name, program] of programs) await writeFile(join(folder, name), program)
    const strictest = ['--exactOptionalPropertyTypes', '--skipLibCheck', 'false', '--target', 'es2024']
    const names = programs.map(([name]) => name)
    const { stdout } = await check(...strictest, '--lib', 'es2024', ...names).catch(
      (error: unknown) => error as { readonly stdout: string },
    )
    // The types that others have made do not bear every setting.
    const isOurs = (line: string): boolean => !/(^|\/)node_modules\/(?!@steptrail\/|steptrail\/)/.test(line)
    expect(stdout.split('\n').filter((line) => line.includes('error TS') && isOurs(line))).toEqual([])
  })

  it('are those that `npm run packages` makes', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>
    }
    const made = [...(scripts['packages'] ?? '').matchAll(/--workspace=(\S+)/g)].map(([, name]) => name)
    expect(made.toSorted()).toEqual(published.map(({ name }) => name).toSorted())
  })

  it('are typed in a page', { timeout: 120_000 }, async () => {
    await writeFile(join(folder, 'page.ts'), page)
    const browser = [
      '--module',
      'esnext',
      '--moduleResolution',
      'bundler',
      '--lib',
      'es2024,dom,dom.iterable',
    ]
    const { stdout } = await node([compiler, '--noEmit', '--strict', ...browser, '--types', '', 'page.ts'])
    expect(stdout).toBe('')
  })

  it('bring the types that theirs are made of', async () => {
    for (const { name } of packed) {
      const { dependencies = {}, peerDependencies = {} } = await manifestOf(name)
      const brought = { ...dependencies, ...peerDependencies }
      for (const used of await packagesInTypes(name)) {
        expect(Object.keys(brought), name).toContain(used)
        const types = `@types/${used.replace(/^@(.+)\//, '$1__')}`
        if (existsSync(join(root, 'node_modules', types))) expect(Object.keys(brought), name).toContain(types)
      }
    }
  })

  it('run the demo on a server, its workers included', { timeout: 120_000 }, async () => {
    const args = ['demo', '--json', '--database', await createEmptyDatabase()]
    const { stdout } = await node(['node_modules/steptrail/bin/steptrail.js', ...args])
    const { executions, checks } = JSON.parse(stdout) as DemoReport
    expect(executions.length).toBeGreaterThanOrEqual(3)
    expect(checks.filter(({ passed }) => !passed)).toEqual([])
  })

  it('open the embedded database', { timeout: 60_000 }, async () => {
    const args = ['migrate', '--json', '--data-dir', 'trail']
    const { stdout } = await node(['node_modules/steptrail/bin/steptrail.js', ...args])
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'steptrail' })
  })

  /** Compiles files together: most of it is to read what they import. */
  async function check(...files: readonly string[]): Promise<{ readonly stdout: string }> {
    return node([compiler, '--noEmit', '--strict', '--module', 'nodenext', '--types', 'node', ...files])
  }

  async function manifestOf(name: string): Promise<Manifest> {
    return JSON.parse(await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8')) as Manifest
  }

  /** The packages that the declarations of one import from. */
  async function packagesInTypes(name: string): Promise<readonly string[]> {
    const dist = join(folder, 'node_modules', name, 'dist')
    const files = (await readdir(dist, { recursive: true })).filter((file) => file.endsWith('.d.ts'))
    const texts = await Promise.all(files.map((file) => readFile(join(dist, file), 'utf8')))
    const specifiers = texts
      .flatMap((text) => [...text.matchAll(/(?:from |import\()['"]([^.'"][^'"]*)['"]/g)])
      .map(([, specifier = '']) => specifier)
    const names = specifiers.map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier)
    return [...new Set(names)].filter((used) => used !== name && !isBuiltin(used))
  }

  async function node(args: readonly string[]): Promise<{ readonly stdout: string }> {
    return run(process.execPath, [...args], { cwd: folder })
  }
})

async function publishedManifests(): Promise<readonly Manifest[]> {
  const files = await filesOf('{packages,adapters,examples}/*/package.json')
  return files
    .map(({ path, text }) => ({ ...(JSON.parse(text) as Manifest), directory: dirname(path) }))
    .filter((manifest) => manifest.private !== true)
}

async function build(): Promise<void> {
  const { code, stdout } = await runProgram(pathToFileURL(compiler), {
    args: ['-b', join(root, 'tsconfig.build.json')],
  })
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  const pages = await runProgram(new URL('../../packages/web/build/build-when-stale.js', import.meta.url))
  expect(pages).toMatchObject({ code: 0 })
}

async function pack(manifests: readonly Manifest[], destination: string): Promise<readonly Packed[]> {
  const workspaces = manifests.map(({ name }) => `--workspace=${name}`)
  const { stdout } = await run(
    'npm',
    ['pack', '--json', `--pack-destination=${destination}`, ...workspaces],
    {
      cwd: root,
    },
  )
  return JSON.parse(stdout) as readonly Packed[]
}

async function unpack({ name, filename }: Packed, folder: string): Promise<void> {
  const target = join(folder, 'node_modules', name)
  await mkdir(target, { recursive: true })
  await run('tar', ['-xzf', join(folder, filename), '--strip-components=1', '-C', target])
}

/** The packages of others are those that the repository has installed, so that nothing needs a network. */
async function linkOthers(ours: readonly Manifest[], folder: string): Promise<void> {
  const isOurs = new Set(ours.map(({ name }) => name))
  await linkPackages(join(root, 'node_modules'), { into: join(folder, 'node_modules'), except: isOurs })
  for (const { name, directory } of ours) {
    const into = join(folder, 'node_modules', name, 'node_modules')
    await linkPackages(join(root, directory, 'node_modules'), { into, except: isOurs })
  }
}

interface Linking {
  readonly into: string
  readonly except: ReadonlySet<string>
}

async function linkPackages(from: string, { into, except }: Linking): Promise<void> {
  for (const name of await installedPackages(from)) {
    if (except.has(name) || name.startsWith('@steptrail/')) continue
    await mkdir(dirname(join(into, name)), { recursive: true })
    await symlink(join(from, name), join(into, name), 'junction')
  }
}

async function installedPackages(modules: string): Promise<readonly string[]> {
  if (!existsSync(modules)) return []
  const entries = (await readdir(modules)).filter((entry) => !entry.startsWith('.'))
  const nested = await Promise.all(
    entries.map(async (entry) =>
      entry.startsWith('@')
        ? (await readdir(join(modules, entry))).map((name) => `${entry}/${name}`)
        : [entry],
    ),
  )
  return nested.flat()
}
