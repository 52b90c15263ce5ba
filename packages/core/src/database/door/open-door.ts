import { chmod, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { TrailError } from '@steptrail/event'
import type { Database, Query } from '../database.ts'
import { openLockPlace } from '../lock-place.ts'
import { readLines, writeLine } from './lines.ts'
import { type DoorAnswer, type DoorError, doorName, type DoorRequest } from './messages.ts'

/** How a door is kept. */
export interface DoorKeeping {
  /** How long a transaction of another process may go on without asking anything, in milliseconds. Default 30,000. */
  readonly idleTransactionMs?: number
}

/**
 * Lets other processes of this machine use a database that belongs to this one: those that may open its directory, by
 * a socket in it that only its owner can reach. Whoever holds the directory's lock opens the door.
 */
export async function openDoor(
  database: Database,
  directory: string,
  { idleTransactionMs = 30_000 }: DoorKeeping = {},
): Promise<AsyncDisposable> {
  const place = await openLockPlace(directory)
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    new Visit(socket, database).begin(idleTransactionMs)
  })
  if (place.kind === 'files') await rm(place.path(doorName), { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(place.address(doorName), resolve)
  })
  if (place.kind === 'files') await chmod(place.path(doorName), 0o600)
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
      place.close()
    },
  }
}

/** One connection: `outside` a transaction, or `inside` one that it began. Questions are answered in their order. */
class Visit {
  readonly #socket: Socket
  readonly #database: Database
  #turn: Promise<void> = Promise.resolve()
  /** Then it is not the other process that keeps us waiting. */
  #isAnswering = false
  #inside:
    | { readonly tx: Query; readonly end: (isCommit: boolean) => void; readonly ended: Promise<void> }
    | undefined

  constructor(socket: Socket, database: Database) {
    this.#socket = socket
    this.#database = database
  }

  begin(idleTransactionMs: number): void {
    readLines(this.#socket, (request) => {
      this.#turn = this.#turn.then(() => this.#answer(request as DoorRequest))
    })
    this.#socket.setTimeout(idleTransactionMs, () => {
      if (this.#inside && !this.#isAnswering) this.#socket.destroy()
    })
    this.#socket.on('close', () => this.#inside?.end(false))
  }

  async #answer(request: DoorRequest): Promise<void> {
    let answer: DoorAnswer
    this.#isAnswering = true
    try {
      answer = { result: await this.#result(request) }
    } catch (error) {
      answer = { error: doorErrorOf(error) }
    }
    this.#isAnswering = false
    writeLine(this.#socket, answer)
  }

  async #result(request: DoorRequest): Promise<Extract<DoorAnswer, { readonly result: unknown }>['result']> {
    switch (request.ask) {
      case 'schema':
        return { schema: this.#database.schema }
      case 'query':
        return await (this.#inside?.tx ?? this.#database.query)(
          typeof request.statement === 'object' && 'asBytes' in request.statement
            ? { text: request.statement.text, take: (row) => row.base64() }
            : request.statement,
          request.values,
        )
      case 'begin':
        await this.#enter(request.options)
        return null
      case 'commit':
      case 'rollback':
        await this.#leave(request.ask === 'commit')
        return null
    }
  }

  /** Resolves when the transaction has begun; it goes on until `#leave`, or until who began it is gone. */
  async #enter(options: Parameters<Database['transaction']>[1]): Promise<void> {
    await new Promise<void>((begun, failed) => {
      const ended = this.#database.transaction(
        (tx) =>
          new Promise<void>((commit, rollback) => {
            const end = (isCommit: boolean): void => (isCommit ? commit() : rollback(new RolledBack()))
            this.#inside = { tx, end, ended: settled }
            begun()
            if (this.#socket.destroyed) end(false)
          }),
        options,
      )
      const settled = ended.catch((error: unknown) => {
        failed(error instanceof Error ? error : new Error(String(error)))
        if (!(error instanceof RolledBack)) throw error
      })
      // Who waits for it is told; when nobody does any more, there is nobody to tell.
      settled.catch(() => undefined)
    })
  }

  async #leave(isCommit: boolean): Promise<void> {
    const inside = this.#inside
    this.#inside = undefined
    inside?.end(isCommit)
    await inside?.ended
  }
}

/** Ends a transaction that its owner gives up. */
class RolledBack extends Error {}

function doorErrorOf(error: unknown): DoorError {
  if (error instanceof TrailError)
    return { message: error.message, trailCode: error.code, details: error.details }
  if (error instanceof Error)
    return { message: error.message, fields: Object.fromEntries(Object.entries(error)) }
  return { message: String(error) }
}
