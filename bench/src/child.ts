import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Load } from './closed-loop.ts'

/** What a child answers to a request. */
type Answer = { readonly ok: unknown } | { readonly error: string }

/** A program of the bench in a process of its own, which answers one request at a time. */
export class Child {
  readonly #process: ChildProcess

  private constructor(child: ChildProcess) {
    this.#process = child
  }

  /** Starts `file` with these arguments; resolves when it is ready to answer. */
  static async start(file: URL, args: readonly string[]): Promise<Child> {
    const child = fork(fileURLToPath(file), args, {
      execArgv: ['--conditions=steptrail:source'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const started = new Child(child)
    await started.#next()
    return started
  }

  /** Asks for a load and gives what the program answers. */
  async ask<T>(load: Load): Promise<T> {
    const answer = this.#next()
    this.#process.send(load)
    return (await answer) as T
  }

  /** Lets it end by itself. */
  async close(): Promise<void> {
    const exited = once(this.#process, 'exit')
    this.#process.disconnect()
    await exited
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #next(): Promise<unknown> {
    const gone = new AbortController()
    const [answer] = (await Promise.race([
      once(this.#process, 'message', { signal: gone.signal }),
      once(this.#process, 'exit', { signal: gone.signal }).then(([code]) => [
        { error: `the program ended with ${String(code)}` },
      ]),
    ]).finally(() => gone.abort())) as [Answer]
    if ('error' in answer) throw new Error(answer.error)
    return answer.ok
  }
}

/**
 * The other side: says that it is ready, answers each request with what `answer` makes of it, and calls `close`
 * when the parent has left.
 */
export function serve(answer: (request: Load) => Promise<unknown>, close: () => Promise<void>): void {
  const send = (message: Answer): void => void process.send?.(message)
  process.on('message', (request) => {
    answer(request as Load).then(
      (ok) => send({ ok: ok ?? null }),
      (error: unknown) =>
        send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    )
  })
  process.on('disconnect', () => {
    void close().then(() => process.exit())
  })
  send({ ok: 'ready' })
}
