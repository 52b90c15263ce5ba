import type { PackAnswer, VerifyRequest } from './verify-worker.ts'

/**
 * Verifies an evidence pack in this browser, in a worker of its own, so that the page goes on meanwhile. Nothing is sent
 * anywhere. Without keys the one in the pack is believed, and the answer says so.
 */
export function verifyPackHere(bytes: Uint8Array, keys: readonly string[]): Promise<PackAnswer> {
  const worker = new Worker(new URL('verify-worker.ts', import.meta.url), { type: 'module' })
  const { promise, resolve } = Promise.withResolvers<PackAnswer>()
  worker.addEventListener('message', ({ data }: MessageEvent<PackAnswer>) => resolve(data))
  worker.addEventListener('error', (event) =>
    resolve({ kind: 'trouble', trouble: event.message || 'The program that verifies could not be started.' }),
  )
  const request: VerifyRequest = { bytes, keys }
  // To a worker, which has no origin that could be another.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  worker.postMessage(request)
  return promise.finally(() => worker.terminate())
}
