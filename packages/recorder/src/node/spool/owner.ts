import { closeSync, openSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { createConnection, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { TrailError } from '@steptrail/event'
import { parseDirectoryName } from './directory-name.ts'
import { hasCode } from './spool-files.ts'

/** A name in a spool that this process holds until `release`, or until the process is gone. */
export interface Ownership {
  release(): Promise<void>
}

const socketEnding = '.sock'
/** Of a socket that has not been given its name yet. */
const newEnding = '.new'

/**
 * Holds a name in the spool's directory by a socket, `<name>.sock` (a named pipe on Windows), that the system takes
 * away with the process, however it ends. A socket gets its name only once it listens; so one that refuses is dead.
 */
export async function own(directory: string, name: string): Promise<Ownership> {
  const place = placeIn(directory)
  try {
    const server = await listenAs(place, directory, name)
    return {
      release: async () => {
        if (place.hasFiles) await rm(join(directory, name + socketEnding), { force: true })
        await stop(server)
        place.close()
      },
    }
  } catch (error) {
    place.close()
    throw error
  }
}

/** Between coming to be and listening, a socket looks dead: whoever tidies up then may remove it, once or twice at most. */
const mostTries = 5

async function listenAs(place: Place, directory: string, name: string): Promise<Server> {
  for (let tries = 1; ; tries++) {
    const server = await listen(place.address(name + newEnding))
    if (!place.hasFiles) return server
    try {
      await rename(join(directory, name + newEnding), join(directory, name + socketEnding))
      return server
    } catch (error) {
      await stop(server)
      if (!hasCode(error, 'ENOENT') || tries === mostTries) throw error
    }
  }
}

/** Whether the process that holds a name lives. Whoever may not be asked, or is too busy to answer, does. */
export function isOwned(directory: string, name: string): Promise<boolean> {
  return answers(directory, (place) => name + (place.hasFiles ? socketEnding : newEnding))
}

/**
 * Removes the sockets of processes that are gone from among the files of a spool's directory. `refused` is told of one
 * that cannot be removed.
 */
export async function forgetDeadOwners(
  directory: string,
  files: readonly string[],
  refused: (file: string, error: unknown) => void,
): Promise<void> {
  for (const file of files.filter(isSocket))
    try {
      if (!(await answers(directory, () => file))) await rm(join(directory, file), { force: true })
    } catch (error) {
      refused(file, error)
    }
}

const isSocket = (file: string): boolean =>
  [socketEnding, newEnding].some(
    (ending) => file.endsWith(ending) && parseDirectoryName(file.slice(0, -ending.length)) !== undefined,
  )

async function answers(directory: string, socket: (place: Place) => string): Promise<boolean> {
  const place = placeIn(directory)
  try {
    return await isListening(place.address(socket(place)))
  } finally {
    place.close()
  }
}

interface Place {
  readonly hasFiles: boolean
  address(file: string): string
  close(): void
}

/** A socket's address holds 104 bytes on macOS and 108 on Linux, with a zero at the end. */
const longestAddress = 100
const longestName = 45

function placeIn(directory: string): Place {
  const close = (): void => undefined
  if (process.platform === 'win32')
    return { hasFiles: false, address: (file) => String.raw`\\.\pipe\steptrail-spool-${file}`, close }
  if (Buffer.byteLength(directory) + longestName <= longestAddress)
    return { hasFiles: true, address: (file) => join(directory, file), close }
  if (process.platform === 'linux') return throughHandle(directory)
  const most = longestAddress - longestName
  throw new TrailError(
    'spool_unavailable',
    `the path of the spool, ${directory}, is too long for a socket: use one of at most ${most} bytes`,
    { details: { directory } },
  )
}

function throughHandle(directory: string): Place {
  const descriptor = openSync(directory, 'r')
  return {
    hasFiles: true,
    address: (file) => `/proc/self/fd/${descriptor}/${file}`,
    close: () => closeSync(descriptor),
  }
}

/** Hangs up on whoever connects: that it could connect is the answer. Does not keep the process alive. */
async function listen(address: string): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined).destroy())
  server.unref()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(address, resolve)
  })
  server.removeAllListeners('error').on('error', () => undefined)
  return server
}

const stop = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
  })

const answerTimeoutMs = 2_000

const isListening = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(address)
    const answer = (isAlive: boolean): void => {
      socket.destroy()
      resolve(isAlive)
    }
    socket.setTimeout(answerTimeoutMs, () => answer(true))
    socket.once('connect', () => answer(true))
    socket.on('error', (error: NodeJS.ErrnoException) =>
      answer(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    )
  })
