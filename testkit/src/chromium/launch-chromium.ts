import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright-core'

/** Where the browser of the package `@sparticuz/chromium` is unpacked, once in a checkout. */
const unpacked = fileURLToPath(new URL('../../../node_modules/.cache/steptrail-chromium/', import.meta.url))

/** A browser and what it needs of its surroundings. */
interface Installed {
  readonly executablePath: string
  readonly env: Readonly<Record<string, string>>
}

/**
 * Starts Chromium without a window: that of `STEPTRAIL_TEST_CHROMIUM`, else the one that npm has installed, which
 * brings its own libraries and fonts, and runs on Linux on x64.
 */
export async function launchChromium(): Promise<Browser> {
  const { executablePath, env } = await installed()
  return await chromium.launch({
    executablePath,
    // Root, as in a container, cannot have the sandbox; what is shown comes from the test itself.
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'],
    env: { ...definedEnv(), ...env },
  })
}

async function installed(): Promise<Installed> {
  const given = process.env['STEPTRAIL_TEST_CHROMIUM']
  if (given !== undefined) return { executablePath: given, env: {} }
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      'npm has no Chromium for this platform: name one that is installed in STEPTRAIL_TEST_CHROMIUM',
    )
  if (!(await exists(join(unpacked, 'chromium')))) await unpack()
  const libraries = join(unpacked, 'al2023/lib')
  const others = process.env['LD_LIBRARY_PATH']
  return {
    executablePath: join(unpacked, 'chromium'),
    env: {
      LD_LIBRARY_PATH: others === undefined ? libraries : `${libraries}:${others}`,
      FONTCONFIG_FILE: join(unpacked, 'fonts.conf'),
    },
  }
}

/** Beside its place, then into it: whoever comes second finds it there, whole. */
async function unpack(): Promise<void> {
  const beside = `${unpacked.replace(/\/$/, '')}-${process.pid}`
  await mkdir(beside, { recursive: true })
  const script = fileURLToPath(new URL('unpack-chromium.ts', import.meta.url))
  const child = spawn(process.execPath, [script], {
    stdio: 'inherit',
    // It unpacks into the directory for temporary files, and its libraries where it takes itself to be on that system.
    env: { ...process.env, TMPDIR: beside, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`Chromium could not be unpacked (exit code ${code})`)
  await writeFile(join(beside, 'fonts.conf'), fontsConfiguration)
  try {
    await rename(beside, unpacked)
  } catch (error) {
    if (!(await exists(join(unpacked, 'chromium')))) throw error
    await rm(beside, { recursive: true })
  }
}

/** Its own font, and those of the system, if there are any. */
const fontsConfiguration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(unpacked, 'fonts/fonts')}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(unpacked, 'fonts-cache')}</cachedir>
</fontconfig>
`

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

const definedEnv = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
