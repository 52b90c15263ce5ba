import type { MessagePort } from 'node:worker_threads'
import type { Dispatch } from '@steptrail/workflow'
import type { Registry, Statement } from '../registry/registry.ts'
import type { Workplace } from '../workers/worker-of.ts'
import { errorOf, type ReplyMessage } from './message.ts'

/** The workplace at the other end of the port, where `serveWorkplace` answers. */
export function remoteWorkplace(port: MessagePort): Workplace {
  const caller = new Caller(port)
  return { dispatch: new RemoteDispatch(caller), registry: new RemoteRegistry(caller) }
}

class Caller {
  readonly #port: MessagePort
  readonly #open = new Map<number, PromiseWithResolvers<unknown>>()
  #last = 0

  constructor(port: MessagePort) {
    this.#port = port
    port.on('message', (reply: ReplyMessage) => this.#settle(reply))
  }

  /** The value is what the method of the same name returns at the other end. */
  async call(method: string, values: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    const id = ++this.#last
    const call = Promise.withResolvers<unknown>()
    this.#open.set(id, call)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has no origin
    const cancel = (): void => this.#port.postMessage({ kind: 'cancel', id })
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has no origin
    this.#port.postMessage({ kind: 'call', id, method, values })
    if (signal?.aborted) cancel()
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      return await call.promise
    } finally {
      signal?.removeEventListener('abort', cancel)
      this.#open.delete(id)
    }
  }

  #settle(reply: ReplyMessage): void {
    const call = this.#open.get(reply.id)
    if (reply.kind === 'reply') call?.resolve(reply.value)
    else call?.reject(errorOf(reply.error))
  }
}

type Returned<Method extends keyof Dispatch> = Awaited<ReturnType<Dispatch[Method]>>

class RemoteDispatch implements Dispatch {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  async register(...values: Parameters<Dispatch['register']>): Promise<void> {
    await this.#caller.call('register', values)
  }

  async claim(...values: Parameters<Dispatch['claim']>): Promise<Returned<'claim'>> {
    return (await this.#caller.call('claim', values)) as Returned<'claim'>
  }

  async heartbeat(...values: Parameters<Dispatch['heartbeat']>): Promise<Returned<'heartbeat'>> {
    return (await this.#caller.call('heartbeat', values)) as Returned<'heartbeat'>
  }

  async adjust(...values: Parameters<Dispatch['adjust']>): Promise<void> {
    await this.#caller.call('adjust', values)
  }

  async release(...values: Parameters<Dispatch['release']>): Promise<void> {
    await this.#caller.call('release', values)
  }

  async report(...values: Parameters<Dispatch['report']>): Promise<Returned<'report'>> {
    return (await this.#caller.call('report', values)) as Returned<'report'>
  }

  async unregister(...values: Parameters<Dispatch['unregister']>): Promise<void> {
    await this.#caller.call('unregister', values)
  }

  async waitForWork(service: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    await this.#caller.call('waitForWork', [service, timeoutMs], signal)
  }
}

class RemoteRegistry implements Registry {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  async run<Row>(statements: readonly Statement[]): Promise<readonly Row[]> {
    return (await this.#caller.call('run', [statements])) as readonly Row[]
  }
}
