import { glob, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** One file of the repository. */
export interface SourceFile {
  /** Its path from the root, with slashes. */
  readonly path: string
  readonly text: string
}

/** The repository's root, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

const notOurs = /(^|\/)(node_modules|dist|coverage|\.git|\.steptrail)(\/|$)/

/** The paths that match `pattern`, without what was installed or built, in order. */
export async function pathsOf(pattern: string): Promise<readonly string[]> {
  const paths: string[] = []
  for await (const path of glob(pattern, { cwd: root, exclude: (entry) => notOurs.test(entry) })) {
    paths.push(path.replaceAll('\\', '/'))
  }
  return paths.toSorted()
}

/** The files that match `pattern`, as {@link pathsOf} finds them. */
export async function filesOf(pattern: string): Promise<readonly SourceFile[]> {
  const paths = await pathsOf(pattern)
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(root + path, 'utf8') })))
}

/** The modules that a TypeScript file imports or re-exports, as it names them. */
export function importsOf({ text }: SourceFile): readonly string[] {
  const code = withoutComments(text)
  const declared = code.matchAll(/^(?:import|export)\b(?:[^'"`;]*?\bfrom)? '([^']+)'/gm)
  const loaded = code.matchAll(/\bimport\(\s*'([^']+)'/g)
  return [...declared, ...loaded].map(([, module = '']) => module)
}

/** A TypeScript file's text without its comments. */
export function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
}

/** The package that a module specifier belongs to; undefined for a file beside it. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.')) return undefined
  if (specifier.startsWith('node:')) return 'node'
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
