import type { Socket } from 'node:net'

/** Calls back with each line of JSON that comes, one after the other. */
export function readLines<Message>(socket: Socket, receive: (message: Message) => void): void {
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    text += chunk
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) receive(JSON.parse(line) as Message)
  })
}

/** Sends a line of JSON. */
export const writeLine = (socket: Socket, message: object): void => {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`)
}
