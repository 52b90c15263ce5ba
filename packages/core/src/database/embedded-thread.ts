import { Worker } from 'node:worker_threads'
import type { PGlite } from '@electric-sql/pglite'
import { endsWithin } from './ends-within.ts'

/** What the pool of the embedded database needs of PGlite. */
export type EmbeddedEngine = Pick<PGlite, 'waitReady' | 'execProtocolStream'> & {
  query(text: string, values: unknown[]): Promise<unknown>
  close(): Promise<void>
}

/** Which database the thread opens, and what it begins with where there is none. */
export interface ThreadData {
  readonly location: string
  readonly loadDataDir: Blob | undefined
}

/** A call to the thread, and its answer. */
export interface ThreadCall {
  readonly id: number
  readonly method: 'execProtocolStream' | 'query' | 'close'
  readonly arguments: readonly unknown[]
}

/** What the thread answers: first whether it is ready (id 0), then each call. */
export type ThreadAnswer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: Readonly<Record<string, unknown>> }

interface Waiting {
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
}

/** From source beside the source, from the build beside the build. */
const program = new URL(
  `./embedded-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
)

/**
 * PGlite in a thread of its own, so that a query does not hold up whatever else the process does. A query that is under
 * way when it is closed may take `closeTimeoutMs`; then the thread is ended, which the database survives as a crash.
 */
export function startEngineInThread(data: ThreadData, closeTimeoutMs: number): EmbeddedEngine {
  const worker = new Worker(program, { workerData: data })
  const waiting = new Map<number, Waiting>()
  let last = 0
  worker.on('message', (answer: ThreadAnswer) => {
    const call = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('error' in answer) call?.reject(errorOf(answer.error))
    else call?.resolve(answer.result as never)
  })
  const fail = (error: Error): void => {
    for (const call of waiting.values()) call.reject(error)
    waiting.clear()
  }
  worker.on('error', fail)
  worker.on('exit', () =>
    fail(new Error('Connection terminated: the thread of the embedded database has ended')),
  )
  const answered = <T>(id: number): Promise<T> =>
    new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
  const call = <T>(method: ThreadCall['method'], ...given: readonly unknown[]): Promise<T> => {
    const id = ++last
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
    worker.postMessage({ id, method, arguments: given } satisfies ThreadCall)
    return answered<T>(id)
  }
  return {
    waitReady: answered<void>(0),
    query: (text, values) => call('query', text, values),
    execProtocolStream: async (message, options) => {
      const messages = await call<Awaited<ReturnType<PGlite['execProtocolStream']>>>(
        'execProtocolStream',
        message,
        options,
      )
      return messages.map((each) =>
        each.name === 'error' ? errorOf(each as never) : each,
      ) as typeof messages
    },
    close: async () => {
      await endsWithin(call('close'), closeTimeoutMs)
      await worker.terminate()
    },
  }
}

/** An error as it was before it was sent: threads send an error's message, and none of its other fields. */
const errorOf = (fields: Readonly<Record<string, unknown>>): Error =>
  Object.assign(new Error(String(fields['message'])), fields)
