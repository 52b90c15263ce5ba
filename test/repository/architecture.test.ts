import { basename, dirname, join } from 'node:path/posix'
import { describe, expect, it } from 'vitest'
import { layers } from './layers.ts'
import { filesOf, importsOf, packageOf, pathsOf, withoutComments, type SourceFile } from './source-files.ts'

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly private?: boolean
}

const isTest = ({ path }: SourceFile): boolean => /\.test(-d)?\.tsx?$/.test(path)

const everything = await filesOf('{packages,adapters,testkit,examples,bench,test}/**/*.{ts,tsx}')
const sources = everything.filter((file) => /\/src\//.test(file.path) && !isTest(file))
const manifests = await pathsOf('{packages/*,adapters/*,testkit,examples/*,bench}/package.json')
const folders = manifests.map(dirname).toSorted()

describe('the packages', () => {
  it('are all in the list of layers', () => {
    expect(folders).toEqual(Object.keys(layers).toSorted())
  })

  it.each(folders)('%s depends only on what its layer may', async (folder) => {
    const allowed = allowedIn(folder)
    const { dependencies = {}, peerDependencies = {} } = await manifestOf(folder)
    const declared = Object.keys({ ...dependencies, ...peerDependencies })
    expect(declared.filter((name) => !allowed.isAllowed(name))).toEqual([])
  })

  it.each(folders)('%s imports only what it declares, and what its layer may', async (folder) => {
    const manifest = await manifestOf(folder)
    const { name, dependencies = {}, peerDependencies = {}, devDependencies = {} } = manifest
    // What nobody installs may import what is there only for developing.
    const forDeveloping = manifest.private === true ? devDependencies : {}
    const declared = new Set([
      'node',
      name,
      ...Object.keys({ ...dependencies, ...peerDependencies, ...forDeveloping }),
    ])
    const allowed = allowedIn(folder)
    const wrong = sourcesOf(folder).flatMap((file) =>
      importedPackages(file)
        .filter((imported) => !declared.has(imported) || !allowed.isAllowed(imported))
        .map((imported) => `${file.path} imports ${imported}`),
    )
    expect(wrong).toEqual([])
  })

  it.each(folders.filter(isForBrowsers))('%s uses nothing that only Node has', (folder) => {
    const nodeOnly = /(?<![.\w])(Buffer|process|require|__dirname|__filename|setImmediate)\b(?!:)/
    const using = sourcesForBrowsers(folder).filter(
      (file) => nodeOnly.test(withoutText(file.text)) || importedPackages(file).includes('node'),
    )
    expect(using.map(({ path }) => path)).toEqual([])
  })

  it('import one another by name, not by path', () => {
    const wrong = everything.flatMap((file) =>
      importsOf(file)
        .filter((specifier) => specifier.startsWith('.'))
        .filter((specifier) => packageRoot(join(dirname(file.path), specifier)) !== packageRoot(file.path))
        .map((specifier) => `${file.path} imports ${specifier}`),
    )
    expect(wrong).toEqual([])
  })
})

describe('the files', () => {
  it('are in no folder for what has no name', async () => {
    const paths = await pathsOf('**/*')
    expect(paths.filter((path) => /(^|\/)(utils?|common|helpers?|types|lib)(\/|$)/i.test(path))).toEqual([])
  })

  it('are named in kebab-case', () => {
    const isKebabCase = (path: string): boolean => /^[a-z0-9]+([.-][a-z0-9]+)*\.tsx?$/.test(basename(path))
    expect(everything.map(({ path }) => path).filter((path) => !isKebabCase(path))).toEqual([])
  })

  it('have at most 400 lines', () => {
    const long = everything.filter(({ text }) => text.trimEnd().split('\n').length > 400)
    expect(long.map(({ path }) => path)).toEqual([])
  })

  it('import files by their own ending', () => {
    const wrong = everything.flatMap((file) =>
      importsOf(file)
        .filter((specifier) => specifier.startsWith('.') && !/\.(tsx?|json|css)$/.test(specifier))
        .map((specifier) => `${file.path} imports ${specifier}`),
    )
    expect(wrong).toEqual([])
  })

  it('have no default export, except the configuration of tools', () => {
    const found = everything.filter(({ text }) =>
      /^export default|\bas default\b/m.test(withoutComments(text)),
    )
    expect(found.map(({ path }) => path).filter((path) => !path.endsWith('.config.ts'))).toEqual([])
  })

  it('named index.ts only re-export', () => {
    const indexes = everything.filter(({ path }) => basename(path) === 'index.ts')
    const other = (text: string): string =>
      withoutComments(text).replaceAll(/export (type )?(\*|\{[^}]*\}) from '[^']+'/g, '')
    expect(indexes.filter(({ text }) => other(text).trim() !== '').map(({ path }) => path)).toEqual([])
  })

  it('say of everything they export what it is', () => {
    expect(sources.flatMap(undocumentedExports)).toEqual([])
  })
})

function allowedIn(folder: string): { readonly isAllowed: (name: string) => boolean } {
  const layer = layers[folder]
  const ours = new Set(layer?.packages.map((other) => `@steptrail/${other}`))
  const isOthersAllowed = (name: string): boolean =>
    // With what may be used come its types.
    layer?.others?.includes(name.replace(/^@types\//, '')) ?? true
  return {
    isAllowed: (name) => ours.has(name) || (!name.startsWith('@steptrail/') && isOthersAllowed(name)),
  }
}

function isForBrowsers(folder: string): boolean {
  const layer = layers[folder]
  return layer?.nodeIn !== undefined || layer?.others?.includes('node') === false
}

/** All but the subpath that is for Node alone. */
function sourcesForBrowsers(folder: string): readonly SourceFile[] {
  const nodeIn = layers[folder]?.nodeIn
  const isForNode = ({ path }: SourceFile): boolean =>
    nodeIn !== undefined &&
    (path === `${folder}/src/${nodeIn}.ts` || path.startsWith(`${folder}/src/${nodeIn}/`))
  return sourcesOf(folder).filter((file) => !isForNode(file))
}

/** A TypeScript file's text without what is said in comments and strings. */
function withoutText(text: string): string {
  return withoutComments(text).replaceAll(/'[^'\n]*'|`[^`]*`/g, '')
}

async function manifestOf(folder: string): Promise<Manifest> {
  const [file] = await filesOf(`${folder}/package.json`)
  return JSON.parse(file?.text ?? '') as Manifest
}

function sourcesOf(folder: string): readonly SourceFile[] {
  return sources.filter(({ path }) => path.startsWith(`${folder}/src/`))
}

function importedPackages(file: SourceFile): readonly string[] {
  return importsOf(file)
    .map(packageOf)
    .filter((name) => name !== undefined)
}

function packageRoot(path: string): string {
  return path
    .split('/')
    .slice(0, /^(packages|adapters|examples)\//.test(path) ? 2 : 1)
    .join('/')
}

/** Exported declarations with no comment before them; the type of a table needs none of its own. */
function undocumentedExports({ path, text }: SourceFile): readonly string[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => {
    const name = /^export (?:async )?(?:function\*?|class|interface|type|const) (\w+)/.exec(line)?.[1]
    const isDocumented = lines[index - 1]?.trimEnd().endsWith('*/') === true
    const isTypeOfTable = /^export type \w+ = (\(typeof \w+\)\[|keyof typeof )/.test(line)
    const isOverload = lines.slice(0, index).some((other) => other.startsWith(`export function ${name}`))
    return name === undefined || isDocumented || isTypeOfTable || isOverload ? [] : [`${path}: ${name}`]
  })
}
