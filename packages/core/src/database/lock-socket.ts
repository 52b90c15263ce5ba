import { createConnection, createServer } from 'node:net'
import type { Server } from 'node:net'

/** Who holds the embedded database, as its lock answers. */
export interface LockHolder {
  readonly pid: number
  readonly program: string
  /** When the process started, ISO-8601. */
  readonly startedAt: string
  /** Where its server listens, if it is one. */
  readonly url?: string
}

/**
 * What is behind an address: `held` by a living process (holder null when it gave no answer in time), `dead`: a
 * socket that no process listens on, `absent`: nothing, `closing`: it hung up without an answer.
 */
export type LockState =
  | { readonly state: 'held'; readonly holder: LockHolder | null }
  | { readonly state: 'dead' | 'absent' | 'closing' }

const answerTimeoutMs = 2_000

/** Listens and answers each connection with the holder, as one line of JSON. Does not keep the process alive. */
export async function listenAsHolder(address: string, holder: LockHolder): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.end(`${JSON.stringify(holder)}\n`)
  })
  server.unref()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return server
}

/** Stops answering. */
export const stopListening = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
  })

/** Asks who holds the lock at this address. Throws what the system says when it may not be asked. */
export function askHolder(address: string): Promise<LockState> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(address)
    let answer = ''
    const finish = (state: LockState): void => {
      socket.destroy()
      resolve(state)
    }
    socket.setEncoding('utf8')
    socket.setTimeout(answerTimeoutMs, () => finish({ state: 'held', holder: null }))
    socket.on('data', (text: string) => {
      answer += text
    })
    socket.on('end', () => finish(stateOfAnswer(answer)))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const state = stateOfError(error)
      if (state) finish(state)
      else reject(error)
    })
  })
}

function stateOfAnswer(answer: string): LockState {
  if (answer === '') return { state: 'closing' }
  const holder: unknown = JSON.parse(answer)
  return { state: 'held', holder: isHolder(holder) ? holder : null }
}

function stateOfError({ code }: NodeJS.ErrnoException): LockState | undefined {
  switch (code) {
    case 'ECONNREFUSED':
      return { state: 'dead' }
    case 'ENOENT':
      return { state: 'absent' }
    case 'EAGAIN':
      return { state: 'held', holder: null }
    case 'ECONNRESET':
    case 'EPIPE':
      return { state: 'closing' }
    default:
      return undefined
  }
}

const isHolder = (value: unknown): value is LockHolder =>
  typeof value === 'object' &&
  value !== null &&
  'pid' in value &&
  typeof value.pid === 'number' &&
  'program' in value &&
  typeof value.program === 'string' &&
  'startedAt' in value &&
  typeof value.startedAt === 'string'
