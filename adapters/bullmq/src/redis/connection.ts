import { Redis } from 'ioredis'

/**
 * A connection that is made once: when it breaks, so does what needs it. Rejects with the reason where there is none to
 * be had.
 */
export async function connectOnce(url: string): Promise<Redis> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 })
  let reason: Error | undefined
  client.on('error', (error: Error) => (reason = error))
  try {
    await client.connect()
    return client
  } catch (error) {
    client.disconnect()
    throw reason ?? error
  }
}

/** How long a step waits for a Redis that is away is about this. */
const triedAgainMs = 200

/** A connection that is made again when it breaks; what needs it meanwhile fails, soon. */
export function connectAgain(url: string): Redis {
  const client = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: () => triedAgainMs })
  // Whoever needs it is told.
  client.on('error', () => undefined)
  return client
}
