import type { Database } from '@steptrail/core'

/** Where a transaction is to fail. */
export type Fault =
  /** Instead of its n-th statement; nothing is committed. */
  | { readonly at: 'statement'; readonly number: number }
  /** After its last statement; nothing is committed. */
  | { readonly at: 'commit' }
  /** The commit succeeds, and nobody hears of it. */
  | { readonly at: 'reply' }

/** A database whose next transaction fails as it is told. */
export interface FaultyDatabase extends Database {
  /** Arms the fault for the next transaction. */
  fail(fault: Fault): void
  /** Whether the armed fault has struck. */
  readonly hasFailed: boolean
}

/** Wraps a database so that a test can make its transactions fail at every point. Closing it closes the other. */
export function faultyDatabase(database: Database): FaultyDatabase {
  let armed: Fault | null = null
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
    pool: database.pool,
    query: database.query,
    close: () => database.close(),
    [Symbol.asyncDispose]: () => database.close(),
    fail(fault) {
      armed = fault
      hasFailed = false
    },
    get hasFailed() {
      return hasFailed
    },
    async transaction(work, options) {
      const fault = armed
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
