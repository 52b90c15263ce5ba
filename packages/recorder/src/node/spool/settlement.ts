import type { Position } from './position.ts'

/** What was handed out and is to be settled: where it ends. */
export interface Outstanding {
  readonly end: Position
  readonly events: number
  readonly bytes: number
}

/** What became settled, and up to where everything is. */
export interface Settled {
  readonly position: Position | undefined
  readonly events: number
  readonly bytes: number
}

/**
 * Batches are settled in any order, but a position says of everything before it that it is settled: it moves over the
 * batches at the front.
 */
export class Settlement {
  readonly #batches: { readonly batch: Outstanding; isSettled: boolean }[] = []

  /** Whether anything handed out is not settled. */
  get isOpen(): boolean {
    return this.#batches.length > 0
  }

  /** The segments that batches not settled are of. */
  isOpenIn(segment: number): boolean {
    return this.#batches.some(({ batch }) => batch.end.segment === segment)
  }

  hand(batch: Outstanding): void {
    this.#batches.push({ batch, isSettled: false })
  }

  /** Settles a batch; a second time does nothing. */
  settle(batch: Outstanding): Settled | undefined {
    const entry = this.#batches.find((each) => each.batch === batch)
    if (entry === undefined || entry.isSettled) return undefined
    entry.isSettled = true
    let position: Position | undefined
    while (this.#batches[0]?.isSettled) position = this.#batches.shift()?.batch.end
    return { position, events: batch.events, bytes: batch.bytes }
  }
}
