import type { Logger } from './logger.ts'

/**
 * The callback of somebody else, for the middle of work that has to go on: it never throws. What the callback throws, or
 * rejects with where it is asynchronous, is said on the console.
 */
export const carefully =
  <Given extends readonly unknown[]>(callback: (...given: Given) => unknown): ((...given: Given) => void) =>
  (...given) => {
    try {
      const outcome = callback(...given)
      if (outcome instanceof Promise) outcome.catch(failed)
    } catch (cause) {
      failed(cause)
    }
  }

/** The same of somebody else's logger. */
export const carefulLogger = (logger: Logger): Logger => ({
  warn: carefully((message: string, details: Readonly<Record<string, unknown>>) =>
    logger.warn(message, details),
  ),
  error: carefully((message: string, details: Readonly<Record<string, unknown>>) =>
    logger.error(message, details),
  ),
})

function failed(cause: unknown): void {
  // oxlint-disable-next-line no-console -- whoever could be told otherwise is who failed, and a browser has no stderr
  console.error('steptrail: a callback that is told of trouble is in trouble itself; the work goes on', cause)
}
