import { AsyncLocalStorage } from 'node:async_hooks'
import type { Duplex } from 'node:stream'
import { TrailError } from '@steptrail/event'
import type { Pool, PoolClient } from 'pg'
import { connectionError } from './connection-error.ts'
import { CopyStatement } from './copy-statement.ts'
import type {
  CopyIn,
  PreparedStatement,
  Query,
  QueryResult,
  TakingStatement,
  TransactionOptions,
} from './database.ts'
import { isPlanStale } from './plan-age.ts'
import { statementError } from './statement-error.ts'
import { takeRows } from './take-rows.ts'

/** One connection of the pool, held by one piece of work. */
export interface ClientSession {
  readonly query: Query
  readonly copy: CopyIn
  /**
   * As `copy`, but sent at once, also while others of its kind are under way: the server takes them in their order, each
   * in a transaction of its own. Nothing else may be asked of the session meanwhile.
   */
  readonly copyAhead: CopyIn
  transaction<T>(work: (tx: Query) => Promise<T>, options?: TransactionOptions): Promise<T>
}

/** Where sessions come from: a pool, and what to call its database. */
export interface SessionSource {
  readonly pool: Pool
  readonly name: string
  /** Aborted when it is closed: who waits for a connection then gets the reason in its place. */
  readonly closing?: AbortSignal
}

/**
 * Runs `work` with a connection of its own and gives it back. A connection that broke, or whose rollback failed,
 * is closed instead. Throws `database_unreachable` when there is none to be had.
 */
export async function withSession<T>(
  source: SessionSource,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  const signal = wanted.getStore()
  const client = await connect(source)
  const connection = new Connection(client)
  const lose = (): void => connection.lose()
  signal?.addEventListener('abort', lose, { once: true })
  if (signal?.aborted) lose()
  try {
    return await work(connection)
  } finally {
    signal?.removeEventListener('abort', lose)
    connection.release()
  }
}

const wanted = new AsyncLocalStorage<AbortSignal>()

/**
 * Runs `work`, whose sessions on a server lose their connection when the signal is aborted: what they wait for then
 * fails, as it does when a server dies, and nobody knows whether it was committed.
 */
export const whileWanted = <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> =>
  wanted.run(signal, work)

/** The pool tells those who wait for one of its connections nothing when it ends. */
function connect({ pool, name, closing }: SessionSource): Promise<PoolClient> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(closing?.reason as Error)
    closing?.addEventListener('abort', giveUp, { once: true })
    pool.connect((error, client, release) => {
      closing?.removeEventListener('abort', giveUp)
      if (client && closing?.aborted) release()
      else if (client) resolve(client)
      else reject(error instanceof TrailError ? error : connectionError(error, name))
    })
  })
}

type Statement = string | PreparedStatement | TakingStatement

/** A checked-out client: one statement at a time, and no crash when the server goes away between two. */
class Connection implements ClientSession {
  readonly #client: PoolClient
  #queue: Promise<unknown> = Promise.resolve()
  #broken: Error | undefined
  /** COPYs that were sent ahead and have not ended. */
  #ahead = 0

  constructor(client: PoolClient) {
    this.#client = client
    client.on('error', this.#onError)
  }

  readonly query: Query = <Row>(statement: Statement, values?: readonly unknown[]) =>
    this.#inTurn(() => this.#run<Row>(statement, values))

  readonly copy: CopyIn = (statement, input) => this.#inTurn(() => this.#copy(statement, input))

  readonly copyAhead: CopyIn = async (statement, input) => {
    this.#ahead += 1
    setPipelining(this.#client, true)
    try {
      await this.#copy(statement, input)
    } finally {
      this.#ahead -= 1
      if (this.#ahead === 0) setPipelining(this.#client, false)
    }
  }

  async transaction<T>(work: (tx: Query) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    await this.query(beginStatement(options))
    const scope = { isOpen: true }
    const tx: Query = (statement, values) =>
      scope.isOpen ? this.query(statement, values) : Promise.reject(transactionEnded())
    let result: T
    try {
      result = await work(tx)
    } catch (error) {
      scope.isOpen = false
      await this.#rollback()
      throw error
    }
    scope.isOpen = false
    await this.#commit()
    return result
  }

  /** Ends the connection under what waits for it. */
  lose(): void {
    const { connection } = this.#client as PoolClient & { readonly connection: { readonly stream: Duplex } }
    connection.stream.destroy()
  }

  release(): void {
    this.#client.off('error', this.#onError)
    this.#client.release(this.#broken)
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(run)
    this.#queue = result.then(
      () => undefined,
      () => undefined,
    )
    return result
  }

  async #copy(statement: string, input: Uint8Array): Promise<void> {
    const query = this.#client.query(new CopyStatement(statement, input))
    try {
      await new Promise<void>((resolve, reject) => {
        query.on('end', () => resolve()).on('error', reject)
      })
    } catch (error) {
      throw statementError(error)
    }
  }

  readonly #onError = (error: Error): void => {
    this.#broken = error
  }

  async #run<Row>(
    statement: Statement,
    values?: readonly unknown[],
  ): Promise<QueryResult<Row> & { command: string }> {
    const asked = typeof statement === 'string' ? { text: statement } : statement
    try {
      if ('take' in asked) return await takeRows<Row>(this.#client, asked, values)
      if ('name' in asked && isPlanStale(this.#client)) await this.#client.query('discard plans')
      const { rows, rowCount, command } = await this.#client.query({
        ...asked,
        ...(values && { values: values as unknown[] }),
      })
      return { rows: rows as Row[], rowCount, command }
    } catch (error) {
      throw statementError(error)
    }
  }

  /** `commit` of a transaction in which a statement failed is answered with ROLLBACK, and no error. */
  async #commit(): Promise<void> {
    const { command } = (await this.query('commit')) as QueryResult<unknown> & { command: string }
    if (command === 'COMMIT') return
    throw new TrailError(
      'transaction_aborted',
      'nothing was committed: a statement of the transaction failed and its error was caught. ' +
        'Let the error leave the transaction, or ask the database before the statement that may fail',
    )
  }

  /** The error that led here is the one to throw; a connection that cannot even roll back is of no further use. */
  async #rollback(): Promise<void> {
    try {
      await this.query('rollback')
    } catch (error) {
      this.#broken = error instanceof Error ? error : new Error(String(error))
    }
  }
}

/** Whether the driver sends a statement before the one ahead of it has ended. */
function setPipelining(client: PoolClient, pipeline: boolean): void {
  Object.assign(client, { pipeline })
}

function beginStatement({ isolation = 'read committed', readOnly }: TransactionOptions): string {
  return `begin isolation level ${isolation}${readOnly ? ' read only' : ''}`
}

const transactionEnded = (): TrailError =>
  new TrailError(
    'transaction_aborted',
    'the transaction has ended: await every statement of it before its work returns',
  )
