import type { MessagePort } from 'node:worker_threads'
import type { Workplace } from '../workers/worker-of.ts'
import { type CallMessage, type CancelMessage, plainError, type ReplyMessage } from './message.ts'

/** Answers the calls that come over the port, until it closes; what is waited for then is given up. */
export function serveWorkplace(port: MessagePort, { dispatch, registry }: Workplace): void {
  const waiting = new Map<number, AbortController>()
  const waitForWork = async (id: number, service: string, timeoutMs: number): Promise<void> => {
    const controller = new AbortController()
    waiting.set(id, controller)
    await dispatch.waitForWork(service, timeoutMs, controller.signal)
    waiting.delete(id)
  }
  const targets: Readonly<Record<string, object>> = {
    register: dispatch,
    claim: dispatch,
    heartbeat: dispatch,
    release: dispatch,
    adjust: dispatch,
    report: dispatch,
    unregister: dispatch,
    run: registry,
  }
  const perform = async ({ id, method, values }: CallMessage): Promise<unknown> => {
    if (method === 'waitForWork') return await waitForWork(id, ...(values as [string, number]))
    const target = Object.hasOwn(targets, method) ? targets[method] : undefined
    if (!target) throw new TypeError(`there is no method ${method}`)
    return await Reflect.apply(
      Reflect.get(target, method) as (...values: unknown[]) => unknown,
      target,
      values,
    )
  }
  const answer = async (call: CallMessage): Promise<ReplyMessage> => {
    try {
      return { kind: 'reply', id: call.id, value: await perform(call) }
    } catch (error) {
      return { kind: 'thrown', id: call.id, error: plainError(error) }
    }
  }
  port.on('message', (message: CallMessage | CancelMessage) => {
    if (message.kind === 'cancel') waiting.get(message.id)?.abort()
    else void answer(message).then((reply) => port.postMessage(reply))
  })
  port.on('close', () => {
    for (const controller of waiting.values()) controller.abort()
  })
}
