/** What the package in one folder may depend on. */
export interface Layer {
  /** Our packages, by name without the scope. */
  readonly packages: readonly string[]
  /** Packages of others, and `node` for Node's own modules; undefined: any that its `package.json` names. */
  readonly others?: readonly string[]
}

const upToCore = ['verify', 'event', 'workflow', 'core']
const upToSaga = [...upToCore, 'saga']

/**
 * ARCHITECTURE.md's list as data: imports run downwards only, as each row says. A new package gets a row here before it
 * gets its first file.
 */
export const layers: Readonly<Record<string, Layer>> = {
  // Runs in browsers; has no dependency.
  'packages/verify': { packages: [], others: [] },
  // Runs in browsers.
  'packages/event': { packages: ['verify'], others: ['zod'] },
  // Knows no database.
  'packages/workflow': { packages: ['verify', 'event'], others: ['zod', 'node'] },
  'packages/core': {
    packages: ['verify', 'event', 'workflow'],
    others: ['pg', 'kysely', 'zod', '@electric-sql/pglite', 'node'],
  },
  'packages/saga': { packages: upToCore, others: ['pg', 'zod', 'node'] },
  'examples/tenant-provisioning': { packages: upToSaga },
  // `steptrail demo` runs the example.
  'packages/cli': { packages: [...upToSaga, 'example-tenant-provisioning'] },
  // Draws its timelines by the command.
  'examples/order-saga': { packages: upToSaga },
  testkit: { packages: upToSaga },
  // Measures what is published; nothing imports it.
  bench: { packages: [...upToSaga, 'testkit'] },
}
