import { Redis } from 'ioredis'

/**
 * A connection that is made once: when it breaks, so does what needs it, and what is not answered within this time. Rejects
 * with the reason where there is none to be had.
 */
export async function connectOnce(url: string, answerWithinMs?: number): Promise<Redis> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    ...(answerWithinMs !== undefined && { commandTimeout: answerWithinMs }),
  })
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

/** A connection that is made again when it breaks; what needs it meanwhile fails, soon, as does what is not answered. */
export function connectAgain(url: string, answerWithinMs: number): Redis {
  const client = new Redis(url, {
    maxRetriesPerRequest: 1,
    retryStrategy: () => triedAgainMs,
    commandTimeout: answerWithinMs,
  })
  // Whoever needs it is told.
  client.on('error', () => undefined)
  return client
}

/** Whether Redis has not answered within the time of the connection. */
export const isSilence = (error: unknown): boolean =>
  error instanceof Error && error.message === 'Command timed out'
