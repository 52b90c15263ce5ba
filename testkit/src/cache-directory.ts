import { fileURLToPath } from 'node:url'

/** A directory for what tests make once in a checkout and use again, among the installed packages. */
export const cacheDirectory: string = fileURLToPath(
  new URL('../../node_modules/.cache/steptrail-testkit/', import.meta.url),
)
