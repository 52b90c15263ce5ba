import { AsyncLocalStorage } from 'node:async_hooks'
import { createConnection, type Socket } from 'node:net'
import { type ErrorCode, errorCodes, TrailError } from '@steptrail/event'
import type {
  Database,
  PreparedStatement,
  Query,
  QueryResult,
  TakingStatement,
  TransactionOptions,
} from '../database.ts'
import { BinaryRow } from '../binary-row.ts'
import { openLockPlace } from '../lock-place.ts'
import { readLines, writeLine } from './lines.ts'
import { type DoorAnswer, type DoorError, doorName, type DoorRequest } from './messages.ts'

/**
 * The embedded database of a directory that another process holds, through that process; null when it lets nobody in.
 * It has one connection for all, so a transaction here holds up what runs there: keep them short.
 */
export async function enterByDoor(directory: string): Promise<Database | null> {
  const place = await openLockPlace(directory)
  try {
    const connection = await connect(place.address(doorName))
    if (!connection) return null
    const { schema } = (await connection.ask({ ask: 'schema' })) as { readonly schema: string }
    connection.close()
    return new DoorDatabase({
      directory,
      schema,
      connect: () => connect(place.address(doorName)),
      leave: () => place.close(),
    })
  } catch (error) {
    place.close()
    throw error
  }
}

/** Whether a database was entered by a door, so that another process holds it and may work on it meanwhile. */
export const isByDoor = (database: Database): boolean => database instanceof DoorDatabase

interface DoorOptions {
  readonly directory: string
  readonly schema: string
  readonly connect: () => Promise<Visitor | null>
  readonly leave: () => void
}

class DoorDatabase implements Database {
  readonly kind = 'embedded'
  readonly schema: string
  readonly name: string
  readonly dataDir: string
  readonly copy = null
  readonly #options: DoorOptions
  readonly #held = new AsyncLocalStorage<{ isActive: boolean }>()

  constructor(options: DoorOptions) {
    this.schema = options.schema
    this.dataDir = options.directory
    this.name = `the embedded database in ${options.directory}, through the process that holds it`
    this.#options = options
  }

  get pool(): never {
    throw new TrailError('nested_transaction', `${this.name} has no pool here: use query and transaction`)
  }

  readonly query: Query = async (statement, values = []) => {
    this.#refuseNested()
    const visitor = await this.#enter()
    try {
      return await askQuery(visitor, statement, values)
    } finally {
      visitor.close()
    }
  }

  async transaction<T>(work: (tx: Query) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    this.#refuseNested()
    const visitor = await this.#enter()
    const held = { isActive: true }
    try {
      await visitor.ask({ ask: 'begin', options })
      const tx: Query = (statement, values = []) => askQuery(visitor, statement, values)
      const result = await this.#held.run(held, () => work(tx))
      await visitor.ask({ ask: 'commit' })
      return result
    } finally {
      held.isActive = false
      // Hanging up inside a transaction rolls it back.
      visitor.close()
    }
  }

  close(): Promise<void> {
    this.#options.leave()
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #enter(): Promise<Visitor> {
    const visitor = await this.#options.connect()
    if (visitor) return visitor
    throw new TrailError(
      'database_unreachable',
      `${this.name} cannot be reached any more: that process has ended`,
    )
  }

  #refuseNested(): void {
    if (!this.#held.getStore()?.isActive) return
    throw new TrailError(
      'nested_transaction',
      'the embedded database has one connection, and a transaction holds it: use the `tx` that the transaction gives',
    )
  }
}

async function askQuery<Row>(
  visitor: Visitor,
  statement: string | PreparedStatement | TakingStatement,
  values: readonly unknown[],
): Promise<QueryResult<Row>> {
  if (typeof statement === 'string' || !('take' in statement))
    return (await visitor.ask({ ask: 'query', statement, values })) as QueryResult<Row>
  const { text, take } = statement
  const result = await visitor.ask({ ask: 'query', statement: { text, asBytes: true }, values })
  const { rows, rowCount } = result as QueryResult<string>
  const row = new BinaryRow()
  return {
    rows: rows.map((base64) => {
      row.become(Buffer.from(base64, 'base64'), 0)
      return take(row) as Row
    }),
    rowCount,
  }
}

/** One connection to the door. */
interface Visitor {
  ask(request: DoorRequest): Promise<unknown>
  close(): void
}

/** Null when there is no door, or nobody behind it. */
function connect(address: string): Promise<Visitor | null> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(address)
    socket.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? resolve(null) : reject(error),
    )
    socket.once('connect', () => resolve(visitorOf(socket)))
  })
}

function visitorOf(socket: Socket): Visitor {
  const waiting: { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }[] =
    []
  readLines(socket, (line) => {
    const answer = line as DoorAnswer
    const next = waiting.shift()
    if ('error' in answer) next?.reject(errorOf(answer.error))
    else next?.resolve(answer.result)
  })
  const hangUp = (): void => {
    const error = new Error('Connection terminated: the process that holds the embedded database has hung up')
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  socket.on('error', hangUp).on('close', hangUp)
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        // First, since what cannot be written throws, and nothing will be answered to it.
        writeLine(socket, request)
        waiting.push({ resolve, reject })
        if (socket.destroyed) hangUp()
      }),
    close: () => socket.destroy(),
  }
}

function errorOf({ message, trailCode, details = {}, fields }: DoorError): Error {
  if (trailCode !== undefined && trailCode in errorCodes)
    return new TrailError(trailCode as ErrorCode, message, { details })
  return Object.assign(new Error(message), fields)
}
