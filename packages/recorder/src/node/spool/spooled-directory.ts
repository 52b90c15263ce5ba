import { join } from 'node:path'
import type { OutgoingEvent } from '../../outgoing-event.ts'
import type { GrownSegment } from './append-log.ts'
import { damagedFile, segmentFile, segmentNumber } from './directory-name.ts'
import { beginning, type Position, readPosition, writePosition } from './position.ts'
import { type PlacedEvent, readSegment, type SpoolDamage } from './segment.ts'
import { type Outstanding, Settlement } from './settlement.ts'
import type { SpoolFiles } from './spool-files.ts'
import { removeUnused } from './unused-directory.ts'

/** Damage, and the file it is in. */
export interface FoundDamage extends SpoolDamage {
  readonly file: string
}

/** What a directory needs to be read. */
export interface SpooledDirectoryOptions {
  readonly path: string
  readonly files: SpoolFiles
  /** Called once for each damage. */
  readonly damaged: (damage: FoundDamage) => void
  /** Something that only repeats a replay, or leaves a file behind, went wrong. */
  readonly warn: (message: string, error: unknown) => void
}

/** Events that were handed out. */
export interface DirectoryBatch {
  readonly events: readonly OutgoingEvent[]
  settle(): Promise<void>
}

interface Segment {
  readonly number: number
  /** Whether its end may be one that nobody was promised: this process did not write it. */
  readonly mayBeTorn: boolean
  /** Up to where it may be read. */
  size: number
  isComplete: boolean
  /** Why its file is kept when everything in it is settled. */
  keptAs: 'damaged' | 'version' | undefined
  /** In it and not settled; of those, not read yet. */
  events: number
  bytes: number
  unreadEvents: number
  unreadBytes: number
}

/**
 * The events of one process's directory as what is read and settled: in order, each once, up to where the segments
 * are known to be on disk. Segments are removed when they are settled; what is damaged is kept.
 */
export class SpooledDirectory {
  readonly #options: SpooledDirectoryOptions
  readonly #segments = new Map<number, Segment>()
  readonly #settlement = new Settlement()
  readonly #reported = new Set<string>()
  #read: Position = beginning
  #ahead: PlacedEvent[] = []
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: SpooledDirectoryOptions) {
    this.#options = options
  }

  /** Reads what another process has left: counts it, and tells of damage. */
  static async load(options: SpooledDirectoryOptions): Promise<SpooledDirectory> {
    const directory = new SpooledDirectory(options)
    await directory.#load()
    return directory
  }

  get path(): string {
    return this.#options.path
  }

  get events(): number {
    return this.#sum((segment) => segment.events)
  }

  get bytes(): number {
    return this.#sum((segment) => segment.bytes)
  }

  /** Everything that is there was handed out and settled. */
  get isSettled(): boolean {
    return !this.#settlement.isOpen && this.events === 0
  }

  /** Takes note of what was appended. */
  grow({ number, size, isComplete, events, bytes }: GrownSegment): void {
    const segment = this.#segments.get(number) ?? newSegment({ number, mayBeTorn: false })
    segment.size = size
    segment.isComplete = isComplete
    count(segment, { events, bytes })
    this.#segments.set(number, segment)
  }

  /** The next events, at most `maxEvents`, of one segment. */
  next(maxEvents: number): Promise<DirectoryBatch | undefined> {
    return this.#inTurn(() => this.#next(maxEvents))
  }

  /** Removes segments that are complete and settled. */
  tidy(): Promise<void> {
    return this.#inTurn(() => this.#removeSettled())
  }

  /** Removes the directory when nothing is left in it that anybody needs; gives whether it is gone. */
  removeIfEmpty(): Promise<boolean> {
    return this.#inTurn(async () => {
      const { files, path } = this.#options
      await this.#removeSettled()
      if (this.#segments.size > 0) return false
      return removeUnused(files, path)
    })
  }

  /** One thing at a time: reads and settlements do not overtake one another. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work)
    this.#turn = turn
    return turn
  }

  #sum(of: (segment: Segment) => number): number {
    let sum = 0
    for (const segment of this.#segments.values()) sum += of(segment)
    return sum
  }

  async #load(): Promise<void> {
    const { files, path } = this.#options
    this.#read = await readPosition(files, path)
    const numbers = (await files.list(path)).map(segmentNumber).filter((number) => number !== undefined)
    for (const number of numbers.toSorted((a, b) => a - b)) {
      const bytes = await files.read(join(path, segmentFile(number)))
      const segment = newSegment({ number, mayBeTorn: true })
      segment.size = bytes.length
      segment.isComplete = true
      this.#segments.set(number, segment)
      if (number < this.#read.segment) continue
      const from = number === this.#read.segment ? this.#read.offset : 0
      const found = this.#eventsIn(segment, { bytes, from, size: bytes.length })
      count(segment, { events: found.length, bytes: bytesOf(found) })
    }
    await this.#removeSettled()
  }

  async #next(maxEvents: number): Promise<DirectoryBatch | undefined> {
    while (this.#ahead.length === 0) {
      const segment = this.#segmentToRead()
      if (segment === undefined) return undefined
      await this.#readOn(segment)
    }
    const events = this.#ahead.splice(0, maxEvents)
    const end = { segment: this.#read.segment, offset: events.at(-1)?.end ?? 0 }
    const batch: Outstanding = { end, events: events.length, bytes: bytesOf(events) }
    this.#settlement.hand(batch)
    return {
      events: events.map(({ event }) => event),
      settle: () => this.#inTurn(() => this.#settle(batch)),
    }
  }

  /** The segment to go on in: the one that is being read, or the one after it. */
  #segmentToRead(): Segment | undefined {
    for (const segment of this.#segments.values()) {
      const isAfter = segment.number > this.#read.segment
      const isUnread = segment.number === this.#read.segment && segment.size > this.#read.offset
      if (isAfter || isUnread) return segment
    }
    return undefined
  }

  async #readOn(segment: Segment): Promise<void> {
    const { files, path } = this.#options
    // While it is read, more may be appended: that is for the next time.
    const { number, size, unreadEvents, unreadBytes } = segment
    const bytes = await files.read(join(path, segmentFile(number)), size)
    const from = number === this.#read.segment ? this.#read.offset : 0
    this.#ahead = this.#eventsIn(segment, { bytes, from, size })
    this.#read = { segment: number, offset: size }
    // What was appended and is not found any more is given up: its damage was told.
    segment.events += this.#ahead.length - unreadEvents
    segment.bytes += bytesOf(this.#ahead) - unreadBytes
    segment.unreadEvents -= unreadEvents
    segment.unreadBytes -= unreadBytes
  }

  /** The events in the first `size` bytes of a segment, of which `bytes` are what could be read. */
  #eventsIn(
    segment: Segment,
    { bytes, from, size }: { readonly bytes: Buffer; readonly from: number; readonly size: number },
  ): PlacedEvent[] {
    const { events, damages } = readSegment(bytes, from)
    const missing = size - bytes.length
    const cut: SpoolDamage = { kind: 'torn', offset: bytes.length, bytes: missing }
    for (const damage of missing > 0 ? [...damages, cut] : damages) this.#tell(segment, damage)
    return [...events]
  }

  /** Once for each place, however often it is read. */
  #tell(segment: Segment, found: SpoolDamage): void {
    const kind = found.kind === 'torn' && !segment.mayBeTorn ? 'damaged' : found.kind
    const damage = { ...found, kind }
    if (damage.kind !== 'torn') segment.keptAs = damage.kind
    const file = join(this.#options.path, segmentFile(segment.number))
    const place = `${file} ${damage.offset}`
    if (this.#reported.has(place)) return
    this.#reported.add(place)
    this.#options.damaged({ ...damage, file })
  }

  async #settle(batch: Outstanding): Promise<void> {
    const settled = this.#settlement.settle(batch)
    if (settled === undefined) return
    const segment = this.#segments.get(batch.end.segment)
    if (segment) {
      segment.events -= settled.events
      segment.bytes -= settled.bytes
    }
    await this.#removeSettled()
    if (settled.position && this.#segments.has(settled.position.segment)) await this.#keep(settled.position)
  }

  async #keep(position: Position): Promise<void> {
    const { files, path, warn } = this.#options
    try {
      await writePosition(files, path, position)
    } catch (error) {
      warn('how far the spool is settled could not be kept; after a crash, events are replayed again', error)
    }
  }

  async #removeSettled(): Promise<void> {
    for (const segment of this.#segments.values()) {
      if (!this.#isSettled(segment) || segment.keptAs === 'version') continue
      try {
        await this.#remove(segment)
        this.#segments.delete(segment.number)
      } catch (error) {
        this.#options.warn(
          'a settled segment of the spool could not be removed; it will be tried again',
          error,
        )
      }
    }
  }

  #isSettled({ number, size, events, unreadEvents, isComplete }: Segment): boolean {
    const { segment, offset } = this.#read
    const isRead = number < segment || (number === segment && offset >= size) || unreadEvents + events === 0
    return isComplete && isRead && events === 0 && !this.#settlement.isOpenIn(number)
  }

  async #remove({ number, keptAs }: Segment): Promise<void> {
    const { files, path } = this.#options
    const file = join(path, segmentFile(number))
    if (keptAs === 'damaged') await files.rename(file, join(path, damagedFile(number)))
    else await files.remove(file)
  }
}

const newSegment = (of: Pick<Segment, 'number' | 'mayBeTorn'>): Segment => ({
  ...of,
  size: 0,
  isComplete: false,
  keptAs: undefined,
  events: 0,
  bytes: 0,
  unreadEvents: 0,
  unreadBytes: 0,
})

function count(segment: Segment, { events, bytes }: { events: number; bytes: number }): void {
  segment.events += events
  segment.bytes += bytes
  segment.unreadEvents += events
  segment.unreadBytes += bytes
}

const bytesOf = (events: readonly PlacedEvent[]): number =>
  events.reduce((sum, { offset, end }) => sum + end - offset, 0)
