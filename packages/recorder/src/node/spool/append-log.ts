import { join } from 'node:path'
import { segmentFile } from './directory-name.ts'
import { SegmentWriter } from './segment-writer.ts'
import { segmentHeaderBytes } from './segment.ts'
import { hasCode, type SpoolFiles } from './spool-files.ts'
import { takenAway } from './trouble.ts'

/** When an append is on disk. */
export type FsyncPolicy = 'always' | 'interval'

/** How segments are written. */
export interface AppendLogOptions {
  readonly directory: string
  readonly files: SpoolFiles
  readonly fsync: FsyncPolicy
  readonly intervalMs: number
  readonly segmentBytes: number
  /** A segment may be read up to `size`; `isComplete`: nothing will be appended to it. */
  readonly grown: (segment: GrownSegment) => void
}

/** How far a segment may be read, and what came to it. */
export interface GrownSegment {
  readonly number: number
  readonly size: number
  readonly isComplete: boolean
  readonly events: number
  readonly bytes: number
}

interface Append {
  readonly bytes: Uint8Array
  readonly events: number
  readonly done: PromiseWithResolvers<void>
}

/**
 * The segments of one directory as what is appended to. Appends are written in order, and those under way at the same
 * time share a sync. An append that fails leaves nothing, and says nothing of the others.
 *
 * States: `idle → writing → idle`, closed once it was told to hurry and is idle.
 */
export class AppendLog {
  readonly #options: AppendLogOptions
  readonly #waiting: Append[] = []
  readonly #unsynced: Append[] = []
  #unsyncedSince = 0
  #writer: SegmentWriter | undefined
  #number = 0
  #running: Promise<void> | undefined
  #isHurried = false
  #wake: (() => void) | undefined

  constructor(options: AppendLogOptions) {
    this.#options = options
  }

  /** How many bytes the segment that is appended to has; 0 when there is none. */
  get openBytes(): number {
    return this.#writer?.size ?? 0
  }

  /** Resolves when the bytes are on disk, as the policy says. Rejects with what the system says; then none are. */
  append(bytes: Uint8Array, events: number): Promise<void> {
    const done = Promise.withResolvers<void>()
    this.#waiting.push({ bytes, events, done })
    this.#running ??= this.#run()
    this.#wake?.()
    return done.promise
  }

  /** Ends the segment that is appended to, when nothing is under way: the next append begins another. */
  async endSegment(): Promise<void> {
    if (this.#running !== undefined) return
    this.#running = this.#retire().finally(() => {
      this.#running = this.#waiting.length > 0 ? this.#run() : undefined
    })
    await this.#running
  }

  /** Writes and syncs what is under way, and ends. */
  async close(): Promise<void> {
    this.#isHurried = true
    this.#wake?.()
    while (this.#running !== undefined) await this.#running
    await this.#retire()
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0 || this.#unsynced.length > 0) {
      for (const append of this.#waiting.splice(0)) await this.#write(append)
      const leftMs = this.#untilSyncMs()
      if (this.#unsynced.length === 0) continue
      if (leftMs <= 0) await this.#sync()
      else await this.#pause(leftMs)
    }
    this.#running = undefined
  }

  #untilSyncMs(): number {
    const { fsync, intervalMs } = this.#options
    if (fsync === 'always' || this.#isHurried) return 0
    return this.#unsyncedSince + intervalMs - performance.now()
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(end, ms)
      this.#wake = end
    })
  }

  async #write(append: Append): Promise<void> {
    try {
      await this.#writeTo(await this.#writerFor(append.bytes.length), append.bytes)
      if (this.#unsynced.length === 0) this.#unsyncedSince = performance.now()
      this.#unsynced.push(append)
    } catch (error) {
      append.done.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Where the system lets no file become larger, in a segment of its own. */
  async #writeTo(writer: SegmentWriter, bytes: Uint8Array): Promise<void> {
    try {
      await writer.write(bytes)
    } catch (error) {
      if (!hasCode(error, 'EFBIG') || writer.size <= segmentHeaderBytes) throw error
      await this.#sync()
      await this.#retire()
      const next = await this.#writerFor(bytes.length)
      await next.write(bytes)
    }
  }

  async #writerFor(length: number): Promise<SegmentWriter> {
    const { directory, files, segmentBytes } = this.#options
    const open = this.#writer
    const isFull = open && open.size > segmentHeaderBytes && open.size + length > segmentBytes
    if (open && !isFull && !open.isBroken) return open
    await this.#sync()
    await this.#retire()
    this.#number += 1
    this.#writer = await SegmentWriter.create(files, directory, join(directory, segmentFile(this.#number)))
    return this.#writer
  }

  /** Syncs, makes sure that the file is still where others look for it, and tells those who wait. */
  async #sync(): Promise<void> {
    const appends = this.#unsynced.splice(0)
    const writer = this.#writer
    if (appends.length === 0 || writer === undefined) return
    try {
      await writer.sync()
      if (!(await this.#options.files.exists(writer.path))) throw takenAway(this.#options.directory)
    } catch (error) {
      for (const { done } of appends) done.reject(error instanceof Error ? error : new Error(String(error)))
      return
    }
    const events = appends.reduce((sum, append) => sum + append.events, 0)
    const bytes = appends.reduce((sum, append) => sum + append.bytes.length, 0)
    this.#options.grown({ number: this.#number, size: writer.synced, isComplete: false, events, bytes })
    for (const { done } of appends) done.resolve()
  }

  async #retire(): Promise<void> {
    const writer = this.#writer
    if (writer === undefined) return
    this.#writer = undefined
    this.#options.grown({ number: this.#number, size: writer.synced, isComplete: true, events: 0, bytes: 0 })
    await writer.close()
  }
}
