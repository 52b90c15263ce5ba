import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../../cli/bin/steptrail.js', import.meta.url))

/** The demo, served from a directory of its own. */
export interface DemoServer extends AsyncDisposable {
  readonly url: string
}

/**
 * Starts `steptrail demo --serve`, and resolves when its pages can be opened.
 *
 * @throws Error with its exit code when it ends before
 */
export async function startDemoServer(): Promise<DemoServer> {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-pictures-'))
  const child = spawn(
    process.execPath,
    [command, 'demo', '--serve', '--port', '0', '--data-dir', directory],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(child, 'exit')
  const close = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
    await rm(directory, { recursive: true, force: true })
  }
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Steptrail serves .* at (http:\S+)$/.exec(line)?.[1]
    if (url !== undefined) return { url, [Symbol.asyncDispose]: close }
  }
  const [code] = (await ended) as [number | null]
  throw new Error(`the demo ended (exit code ${code}) before it was served`)
}
