import type { Socket } from 'node:net'

/** Calls back with each message that comes, one after the other: JSON on a line, and bytes as bytes. */
export function readLines(socket: Socket, receive: (message: unknown) => void): void {
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    text += chunk
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) receive(JSON.parse(line, withBytes))
  })
}

/** Sends a message. */
export const writeLine = (socket: Socket, message: object): void => {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message, withoutBytes)}\n`)
}

/** Where an object has this key it stands for bytes. PostgreSQL's JSON can have no U+0000, so nothing of it looks so. */
const bytesKey = '\0bytes'

/**
 * Sees a value as it was given: a Buffer has made an object of itself before a replacer is handed it. A bigint, which JSON
 * has not, is bound as text by the driver, too.
 */
function withoutBytes(this: unknown, key: string, value: unknown): unknown {
  const given = (this as Readonly<Record<string, unknown>>)[key]
  if (typeof given === 'bigint') return String(given)
  return given instanceof Uint8Array ? { [bytesKey]: Buffer.from(given).toString('base64') } : value
}

function withBytes(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(bytesKey in value)) return value
  return Buffer.from(String(value[bytesKey]), 'base64')
}
