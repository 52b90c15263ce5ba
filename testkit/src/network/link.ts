import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/**
 * A way over loopback to a port of 127.0.0.1 that can be cut as a network is: while it is cut nothing passes in either
 * direction and nobody is told, so connections stay, and who opens a new one waits. What was held passes when it is
 * mended.
 */
export class Link implements AsyncDisposable {
  readonly #server: Server
  readonly #toPort: () => number
  readonly #ways = new Set<Way>()
  #isCut = false

  private constructor(server: Server, toPort: () => number) {
    this.#server = server
    this.#toPort = toPort
    server.on('connection', (near) => this.#carry(near))
  }

  /** Opens a link on a free port; asks where it leads when a connection is made. */
  static async open(toPort: () => number): Promise<Link> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Link(server, toPort)
  }

  /** Where it begins: a port of 127.0.0.1. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  cut(): void {
    this.#isCut = true
    for (const way of this.#ways) way.hold()
  }

  mend(): void {
    this.#isCut = false
    for (const way of this.#ways) way.release()
  }

  /** Ends it, and the connections over it. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const way of this.#ways) way.end()
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #carry(near: Socket): void {
    const way = new Way(near, this.#toPort(), () => this.#ways.delete(way))
    this.#ways.add(way)
    if (!this.#isCut) way.release()
  }
}

/** One connection over a link. It is held until it is released; its far end is not dialled before. */
class Way {
  readonly #near: Socket
  readonly #toPort: number
  readonly #onEnd: () => void
  #far: Socket | undefined
  #isHeld = true
  /** Whether one end was lost while it was held: the other one hears of it later. */
  #isLost = false

  constructor(near: Socket, toPort: number, onEnd: () => void) {
    this.#near = near
    this.#toPort = toPort
    this.#onEnd = onEnd
    this.#watch(near)
  }

  hold(): void {
    this.#isHeld = true
    this.#near.pause()
    this.#far?.pause()
  }

  release(): void {
    this.#isHeld = false
    if (this.#isLost) return this.end()
    this.#far ??= this.#dial()
    this.#near.resume()
    this.#far.resume()
  }

  end(): void {
    this.#near.destroy()
    this.#far?.destroy()
    this.#onEnd()
  }

  #dial(): Socket {
    const far = connect({ port: this.#toPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    this.#near.setNoDelay(true)
    this.#watch(far)
    this.#pass(this.#near, far)
    this.#pass(far, this.#near)
    return far
  }

  #pass(from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      if (!to.write(chunk)) from.pause()
    })
    to.on('drain', () => {
      if (!this.#isHeld) from.resume()
    })
    from.on('end', () => to.end())
  }

  /** An error is followed by `close`, which is what ends the connection. */
  #watch(socket: Socket): void {
    socket.on('error', () => undefined)
    socket.on('close', () => {
      if (this.#isHeld) this.#isLost = true
      else this.end()
    })
  }
}
