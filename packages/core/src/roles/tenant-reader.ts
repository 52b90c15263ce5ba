import type { Database, Query, TransactionOptions } from '../database/database.ts'

/**
 * The database as one tenant sees it: each statement runs as `steptrail_reader`, whom row-level security shows that
 * tenant's rows and no others, through tables, partitions and views alike. Needs the roles (`applyGrants`), and a
 * login that is a member of `steptrail_reader`.
 */
export function readerOfTenant(database: Database, tenant: string): Database {
  const transaction = <T>(work: (tx: Query) => Promise<T>, options?: TransactionOptions): Promise<T> =>
    database.transaction(
      async (tx) => {
        await tx('set local role steptrail_reader')
        await tx(`select set_config('steptrail.tenant', $1, true)`, [tenant])
        return await work(tx)
      },
      { ...options, readOnly: true },
    )
  const { kind, schema, name, dataDir, pool } = database
  return {
    kind,
    schema,
    name,
    dataDir,
    pool,
    copy: null,
    transaction,
    query: (statement, values) => transaction((tx) => tx(statement, values)),
    close: () => database.close(),
    [Symbol.asyncDispose]: () => database.close(),
  }
}
