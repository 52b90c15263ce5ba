/** Whether the promise resolves within so many milliseconds. Rejects as it does, if it does by then. */
export async function endsWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const { promise: isOver, resolve } = Promise.withResolvers<false>()
  const timer = setTimeout(() => resolve(false), timeoutMs)
  try {
    return await Promise.race([promise.then(() => true), isOver])
  } finally {
    clearTimeout(timer)
  }
}
