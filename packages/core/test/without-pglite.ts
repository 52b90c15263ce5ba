import { registerHooks } from 'node:module'

/** A program for tests: opens the embedded database where PGlite is not installed, and prints the error as JSON. */
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('@electric-sql/')) return next(`${specifier}-not-installed`, context)
    return next(specifier, context)
  },
})
const { openDatabase } = await import('../src/database/open-database.ts')
const [outcome] = await Promise.allSettled([openDatabase({ dataDir: 'memory://' })])
const reason: unknown = outcome.status === 'rejected' ? outcome.reason : undefined
process.stdout.write(
  JSON.stringify(
    reason instanceof Error && 'code' in reason ? { code: reason.code, message: reason.message } : null,
  ),
)
