import { dropReasons, type DropReason, type Fate } from './fate.ts'

/** What became of every event that was emitted before a moment. The four add up to their number. */
export interface FlushResult {
  /** The sink has them. */
  readonly written: number
  /** They are in the spool, and reach the sink from there. */
  readonly spooled: number
  /** They are lost, each counted by its reason in `counts().dropped`. */
  readonly dropped: number
  /** In memory still, because the deadline came first: the recorder goes on with them. 0 unless it did. */
  readonly pending: number
}

/** The accounts of a recorder: `emitted = written + spooled + dropped + pending`, at every moment. */
export interface RecorderCounts {
  /** Events given to `record`, `recordDurably` and `operation`; the last `recorder_seq`. */
  readonly emitted: number
  readonly written: number
  /** Put into the spool; not lessened when they are written from there. */
  readonly spooled: number
  readonly dropped: Readonly<Record<DropReason, number>>
  /** In memory, one that is just being given included. 0 at every quiescent moment. */
  readonly pending: number
  /** Events that came out of the spool, those of earlier processes among them: not part of the sum. */
  readonly replayed: { readonly written: number; readonly buried: number }
}

/** Those emitted between two flushes. */
interface Epoch {
  readonly lastSeq: number
  pending: number
  readonly settled: { written: number; spooled: number; dropped: number }
  /** Who waits until all of them are settled. */
  readonly flushed: Set<(result: FlushResult) => void>
}

/** Counts what is emitted and what becomes of it, and knows when everything emitted before a moment is settled. */
export class Accounts {
  #emitted = 0
  #written = 0
  #spooled = 0
  #pending = 0
  readonly #dropped = Object.fromEntries(Object.keys(dropReasons).map((reason) => [reason, 0])) as Record<
    DropReason,
    number
  >
  /** Oldest first; the last one is open. Those before the first are settled, and in `#base`. */
  readonly #epochs: Epoch[] = [newEpoch(Number.POSITIVE_INFINITY)]
  readonly #replayed = { written: 0, buried: 0 }
  readonly #base = { written: 0, spooled: 0, dropped: 0 }

  /** Gives an event its number. From now on it is pending: what is read of it may itself flush, or count. */
  emit(): number {
    this.#emitted += 1
    this.#pending += 1
    const open = this.#epochs[this.#epochs.length - 1] as Epoch
    open.pending += 1
    return this.#emitted
  }

  /** The event with this number has met its fate. */
  settle(seq: number, fate: Fate): void {
    this.#pending -= 1
    if (fate.outcome === 'dropped') this.#dropped[fate.reason] += 1
    else if (fate.outcome === 'written') this.#written += 1
    else this.#spooled += 1
    const epoch = this.#epochs.find(({ lastSeq }) => seq <= lastSeq) as Epoch
    epoch.pending -= 1
    epoch.settled[fate.outcome] += 1
    if (epoch.pending === 0) this.#close()
  }

  /** An event that came out of the spool is settled. */
  replay(outcome: 'written' | 'buried'): void {
    this.#replayed[outcome] += 1
  }

  counts(): RecorderCounts {
    return {
      emitted: this.#emitted,
      written: this.#written,
      spooled: this.#spooled,
      dropped: { ...this.#dropped },
      pending: this.#pending,
      replayed: { ...this.#replayed },
    }
  }

  /** Resolves when everything emitted so far is settled, or on abortion. */
  flushed(signal?: AbortSignal): Promise<FlushResult> {
    const ended = this.#endEpoch()
    const result = new Promise<FlushResult>((resolve) => {
      ended.flushed.add(resolve)
      const tellSoFar = (): void => {
        ended.flushed.delete(resolve)
        resolve(this.#soFar(ended))
      }
      signal?.addEventListener('abort', tellSoFar, { once: true })
    })
    this.#close()
    return result
  }

  /** The last epoch that is ended. Where nothing was emitted since, no other begins: one may flush again and again. */
  #endEpoch(): Epoch {
    const last = this.#epochs.at(-2)
    if (last?.lastSeq === this.#emitted) return last
    const open = this.#epochs.pop() as Epoch
    const ended = { ...open, lastSeq: this.#emitted }
    this.#epochs.push(ended, newEpoch(Number.POSITIVE_INFINITY))
    return ended
  }

  /** What has become of everything that was emitted until the end of an epoch. */
  #soFar({ lastSeq }: Epoch): FlushResult {
    const sum = { ...this.#base, pending: 0 }
    for (const { pending, settled } of this.#epochs.filter((epoch) => epoch.lastSeq <= lastSeq)) {
      for (const outcome of outcomes) sum[outcome] += settled[outcome]
      sum.pending += pending
    }
    return sum
  }

  /** Takes the epochs off the front that are ended and settled. */
  #close(): void {
    for (let first = this.#epochs[0]; first && this.#epochs.length > 1 && first.pending === 0;) {
      this.#epochs.shift()
      for (const outcome of outcomes) this.#base[outcome] += first.settled[outcome]
      for (const resolve of first.flushed) resolve({ ...this.#base, pending: 0 })
      first = this.#epochs[0]
    }
  }
}

const outcomes = ['written', 'spooled', 'dropped'] as const

const newEpoch = (lastSeq: number): Epoch => ({
  lastSeq,
  pending: 0,
  settled: { written: 0, spooled: 0, dropped: 0 },
  flushed: new Set(),
})
