/** What a stream of text says while there is nothing to say, and what happens when it ends. */
export interface TextStreamOptions {
  readonly heartbeat?: string
  /** Without one, nothing is said meanwhile. */
  readonly heartbeatMs?: number
  /** Called once, however it ends. */
  readonly onEnd: () => void
  /** Called once after that, when the source has ended as well. */
  readonly onSourceEnd?: () => void
  /** Told what cut it off, or went wrong as it was. Default: nobody. */
  readonly onError?: (error: unknown) => void
}

const encoder = new TextEncoder()
const bytesOf = (chunk: string | Uint8Array): Uint8Array<ArrayBuffer> =>
  typeof chunk === 'string' ? encoder.encode(chunk) : new Uint8Array(chunk)

/** The text, or bytes, as a stream of bytes, made as fast as it is read. An error of the source ends it without its end. */
export function textStream(
  source: AsyncGenerator<string | Uint8Array, void, undefined>,
  { heartbeat = '', heartbeatMs, onEnd, onSourceEnd, onError }: TextStreamOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let pending: Promise<IteratorResult<string | Uint8Array, void>> | undefined
  let hasEnded = false
  let isRead = true
  const end = (): void => {
    if (!hasEnded) onEnd()
    hasEnded = true
  }
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull: async (controller) => {
        try {
          pending ??= source.next()
          const next = heartbeatMs === undefined ? await pending : await within(pending, heartbeatMs)
          // Who hangs up takes nothing any more, also of what was being made for them.
          if (!isRead) return
          if (next === null) return controller.enqueue(encoder.encode(heartbeat))
          pending = undefined
          if (next.done !== true) return controller.enqueue(bytesOf(next.value))
          end()
          onSourceEnd?.()
          controller.close()
        } catch (error) {
          end()
          onSourceEnd?.()
          onError?.(error)
          controller.error(error)
        }
      },
      cancel: async () => {
        isRead = false
        end()
        try {
          await source.return()
        } catch (error) {
          onError?.(error)
          throw error
        } finally {
          onSourceEnd?.()
        }
      },
    },
    { highWaterMark: 0 },
  )
}

/** What the promise gives, or null when it has not after so long. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  const { promise: elapsed, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), ms)
  try {
    return await Promise.race([promise, elapsed])
  } finally {
    clearTimeout(timer)
  }
}
