import pg from 'pg'

/**
 * One `copy … from stdin` with its whole input, all of it sent at once and not only when the server asks for the data:
 * that saves a round trip, and the turns of the event loop that it takes. The protocol permits it, since a server that
 * refuses the statement, or fails in the middle of the data, drops what comes of it after that (PostgreSQL,
 * "Message Flow", "COPY Operations", on a simple query).
 */
export class CopyStatement extends pg.Query {
  readonly #text: string
  readonly #input: Uint8Array

  constructor(text: string, input: Uint8Array) {
    super(text)
    this.#text = text
    this.#input = input
  }

  /** Called by the driver when it is this statement's turn. */
  override readonly submit = (connection: pg.Connection): void => {
    const { stream } = connection
    stream.cork()
    connection.query(this.#text)
    for (let from = 0; from < this.#input.length; from += pieceBytes) {
      const piece = this.#input.subarray(from, from + pieceBytes)
      stream.write(dataHeader(piece.length))
      stream.write(piece)
    }
    stream.write(copyDone)
    stream.uncork()
  }

  /** Called by the driver when the server asks for the data: it is on its way. */
  handleCopyInResponse(): void {
    return
  }
}

/** The server keeps a message whole before it looks at it, in memory of its own. */
const pieceBytes = 65_536

/** A message is a letter, and how long the rest is together with the four bytes that say so. */
function dataHeader(bytes: number): Buffer {
  const header = Buffer.from('d\0\0\0\0', 'latin1')
  header.writeUInt32BE(bytes + 4, 1)
  return header
}

const copyDone = Buffer.from('c\0\0\0\x04', 'latin1')
