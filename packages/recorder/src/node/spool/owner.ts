import { closeSync, openSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { createConnection, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { TrailError } from '@steptrail/event'

/** A name in a spool that this process holds until `release`, or until the process is gone. */
export interface Ownership {
  release(): Promise<void>
}

const socketEnding = '.sock'

/**
 * Holds a name in the spool's directory by a socket, `<name>.sock` (a named pipe on Windows), that the system takes
 * away with the process, however it ends. A socket gets its name only once it listens; so one that refuses is dead.
 */
export async function own(directory: string, name: string): Promise<Ownership> {
  const place = placeIn(directory)
  try {
    const server = await listen(place.address(`${name}.new`))
    if (place.hasFiles) await rename(join(directory, `${name}.new`), join(directory, name + socketEnding))
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

/** Whether the process that holds a name lives. Whoever may not be asked, or is too busy to answer, does. */
export async function isOwned(directory: string, name: string): Promise<boolean> {
  const place = placeIn(directory)
  try {
    return await isListening(place.address(place.hasFiles ? name + socketEnding : `${name}.new`))
  } finally {
    place.close()
  }
}

/** Removes what is left of a name whose process is gone. */
export const forgetOwner = (directory: string, name: string): Promise<void> =>
  rm(join(directory, name + socketEnding), { force: true })

/** The names that have a socket among the files of a spool's directory. */
export const ownersAmong = (files: readonly string[]): readonly string[] =>
  files.filter((file) => file.endsWith(socketEnding)).map((file) => file.slice(0, -socketEnding.length))

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
