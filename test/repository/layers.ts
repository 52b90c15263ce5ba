/** What the package in one folder may depend on. */
export interface Layer {
  /** Our packages, by name without the scope. */
  readonly packages: readonly string[]
  /** Packages of others, and `node` for Node's own modules; undefined: any that its `package.json` names. */
  readonly others?: readonly string[]
  /** The subpath that alone may use what only Node has: in `src/<it>.ts` and below `src/<it>/`. */
  readonly nodeIn?: string
}

const upToCore = ['verify', 'event', 'workflow', 'recorder', 'core']
const upToSaga = [...upToCore, 'saga']
const upToServer = [...upToSaga, 'log', 'catalog', 'client', 'server']

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
  // Runs in browsers, all but its subpath for Node.
  'packages/recorder': { packages: ['verify', 'event'], others: ['zod', 'node'], nodeIn: 'node' },
  'packages/core': {
    packages: ['verify', 'event', 'workflow', 'recorder'],
    others: ['pg', 'kysely', 'zod', 'hyparquet', 'hyparquet-writer', '@electric-sql/pglite', 'node'],
  },
  'packages/saga': { packages: upToCore, others: ['pg', 'zod', 'node'] },
  // Knows executions only as core has them.
  'packages/log': { packages: ['verify', 'event', 'core'], others: ['node'] },
  // Knows executions only as core has them.
  'packages/catalog': {
    packages: upToCore,
    others: ['ajv', 'ajv-formats', 'yaml', 'zod', 'node'],
  },
  // Runs in browsers, all but its subpath for Node.
  'packages/client': {
    packages: ['verify', 'event', 'recorder', 'workflow'],
    others: ['zod', 'node'],
    nodeIn: 'node',
  },
  // Its services need no database; what takes from the stream writes as core does.
  'adapters/nats': {
    packages: ['event', 'recorder', 'core'],
    others: ['@nats-io/jetstream', '@nats-io/transport-node', 'node'],
  },
  // Its wrappers run in the process of the engine; what it reads there is recorded as core does.
  'adapters/dbos': {
    packages: ['event', 'workflow', 'core'],
    others: ['@dbos-inc/dbos-sdk', 'pg', 'node'],
  },
  // The same for jobs.
  'adapters/bullmq': {
    packages: ['event', 'workflow', 'core'],
    others: ['bullmq', 'ioredis', 'pg', 'node'],
  },
  // Its interceptors run in the processes of the engine; `history` reads what those have exported, without its SDK.
  'adapters/temporal': {
    packages: ['verify', 'event', 'workflow', 'core'],
    others: [
      '@temporalio/activity',
      '@temporalio/client',
      '@temporalio/common',
      '@temporalio/worker',
      '@temporalio/workflow',
      'zod',
      'node',
    ],
  },
  // Runs in browsers; the server serves what is built of it.
  'packages/web': { packages: ['verify', 'event', 'workflow', 'client'] },
  'packages/server': { packages: [...upToSaga, 'log', 'catalog', 'client'] },
  'examples/tenant-provisioning': { packages: upToSaga },
  // `steptrail demo` runs the example, `serve` takes from the stream, and `import` reads histories.
  'packages/cli': { packages: [...upToServer, 'nats', 'temporal', 'example-tenant-provisioning'] },
  // Draws its timelines by the command.
  'examples/order-saga': { packages: upToSaga },
  // Serves its agent by the command.
  'examples/incident-remediation': { packages: [...upToSaga, 'catalog', 'steptrail'] },
  // Its workflows run on DBOS.
  'examples/dbos-orders': { packages: ['event', 'core', 'dbos'] },
  // Its jobs run on BullMQ.
  'examples/bullmq-orders': { packages: ['event', 'core', 'bullmq'] },
  // Its workflows have run on Temporal.
  'examples/temporal-orders': { packages: ['event', 'core', 'temporal'] },
  // Records in the background, and has no workflow.
  'examples/operations': { packages: ['verify', 'event', 'workflow', 'recorder', 'core'] },
  testkit: { packages: upToSaga },
  // Measures what is published; nothing imports it.
  bench: { packages: [...upToServer, 'nats', 'dbos', 'bullmq', 'testkit'] },
}
