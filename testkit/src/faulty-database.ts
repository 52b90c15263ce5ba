import type { Database } from '@steptrail/core'

/** Where a transaction is to fail. */
export type Fault =
  /** Instead of its n-th statement; nothing is committed. */
  | { readonly at: 'statement'; readonly number: number }
  /** After its last statement; nothing is committed. */
  | { readonly at: 'commit' }
  /** The commit succeeds, and nobody hears of it. */
  | { readonly at: 'reply' }

/** A database whose next transaction fails as it is told; a statement by itself is a transaction, too. */
export interface FaultyDatabase extends Database {
  /** Arms the fault for the next transaction, or for the one after so many. */
  fail(fault: Fault, after?: number): void
  /** Whether the armed fault has struck. */
  readonly hasFailed: boolean
}

/** Wraps a database so that a test can make its transactions fail at every point. Closing it closes the other. */
export function faultyDatabase(database: Database): FaultyDatabase {
  let armed: Fault | null = null
  let toLetThrough = 0
  const next = (): Fault | null => (armed && toLetThrough-- > 0 ? null : armed)
  let hasFailed = false
  const strike = (fault: Fault): never => {
    armed = null
    hasFailed = true
    throw new Error(`fault at ${fault.at === 'statement' ? `statement ${fault.number}` : fault.at}`)
  }
  return {
    kind: database.kind,
    schema: database.schema,
    name: database.name,
    dataDir: database.dataDir,
    pool: database.pool,
    copy:
      database.copy &&
      (async (statement, input) => {
        const fault = next()
        if (fault && fault.at !== 'reply') strike(fault)
        await database.copy?.(statement, input)
        if (fault) strike(fault)
      }),
    query: async (statement, values) => {
      const fault = next()
      if (!fault) return await database.query(statement, values)
      if (fault.at === 'statement' && fault.number === 1) strike(fault)
      const result = await database.transaction(async (tx) => {
        const answer = await tx<never>(statement, values)
        if (fault.at === 'commit') strike(fault)
        return answer
      })
      if (fault.at === 'reply') strike(fault)
      return result
    },
    close: () => database.close(),
    [Symbol.asyncDispose]: () => database.close(),
    fail(fault, after = 0) {
      armed = fault
      toLetThrough = after
      hasFailed = false
    },
    get hasFailed() {
      return hasFailed
    },
    async transaction(work, options) {
      const fault = next()
      let statements = 0
      const result = await database.transaction(async (tx) => {
        const answer = await work(async (text, values) => {
          statements += 1
          if (fault?.at === 'statement' && statements === fault.number) strike(fault)
          return await tx(text, values)
        })
        if (fault?.at === 'commit') strike(fault)
        return answer
      }, options)
      if (fault?.at === 'reply') strike(fault)
      return result
    },
  }
}
