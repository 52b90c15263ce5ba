import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { releaseAfterTest } from '../release.ts'
import { freePort, supervised, type SupervisedServer } from '../supervision/supervised-server.ts'
import { redisMissing, redisProgram } from './redis-program.ts'

/** Where a server is. */
interface RedisPlace {
  readonly program: string
  readonly directory: string
  readonly port: number
}

/** A server of Redis that writes what it does to an append-only file. Its port and its data stay the same from an end to the next start. */
export class RedisServer implements AsyncDisposable {
  readonly #place: RedisPlace
  #running: SupervisedServer | undefined

  constructor(place: RedisPlace) {
    this.#place = place
  }

  /** Where clients reach it: a port of 127.0.0.1. */
  get port(): number {
    return this.#place.port
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Starts it; resolves when it accepts connections and has read its data. */
  async start(): Promise<void> {
    if (this.#running?.isRunning() === true) return
    const { program, directory, port } = this.#place
    const server = await supervised({
      program,
      directory,
      args: [
        '--bind',
        '127.0.0.1',
        '--port',
        String(port),
        '--dir',
        directory,
        '--appendonly',
        'yes',
        '--save',
        '',
      ],
      readyWhen: 'Ready to accept connections',
      stopSignal: 'SIGKILL',
    })
    if ('log' in server) throw new Error(`redis-server did not start: ${server.log}`)
    this.#running = server
  }

  /** Ends it as a crash of the process does. */
  async kill(): Promise<void> {
    await this.#running?.end('SIGKILL')
  }

  /** Ends it and removes its data. */
  async stop(): Promise<void> {
    await this.kill()
    await rm(this.#place.directory, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

/** Starts a server on loopback and a free port, in a directory of its own. Throws where there is no redis-server. */
export async function openRedis(): Promise<RedisServer> {
  const program = redisProgram()
  if (program === undefined) throw new Error(redisMissing)
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-redis-'))
  const server = new RedisServer({ program, directory, port: await freePort() })
  try {
    await server.start()
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** {@link openRedis} for a test, or a test file: the server ends with it. */
export async function startRedis(): Promise<RedisServer> {
  const server = await openRedis()
  releaseAfterTest(() => server.stop())
  return server
}

/** A suite that needs Redis: skipped where there is none, as the run has said when it began. */
export function describeOnRedis(name: string, suite: () => void): void {
  describe.skipIf(redisProgram() === undefined)(`${name} on Redis`, () => {
    suite()
  })
}
