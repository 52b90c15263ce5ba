import { join } from 'node:path'
import type { OutgoingEvent } from '../../outgoing-event.ts'
import { AppendLog } from './append-log.ts'
import { type Burial, DeadLetters } from './dead-letters.ts'
import { writeDestination } from './destination.ts'
import { deadLetterFile, processName } from './directory-name.ts'
import { own, type Ownership } from './owner.ts'
import type { SpoolFiles } from './spool-files.ts'
import type { CompleteSpoolOptions } from './spool-options.ts'
import { SpooledDirectory, type SpooledDirectoryOptions } from './spooled-directory.ts'
import { takenAway } from './trouble.ts'

/** An open segment with nothing left to replay is ended when it is at least this large. */
const worthEndingBytes = 1024 * 1024

/** The directory of this process: what it appends, reads and settles there, and that it lives. */
export class OwnDirectory {
  readonly name: string
  readonly path: string
  readonly stored: SpooledDirectory
  readonly #files: SpoolFiles
  readonly #letters: DeadLetters
  readonly #log: AppendLog
  readonly #ownership: Ownership
  #isShortOfRoom = false

  private constructor(
    made: { name: string; ownership: Ownership; options: CompleteSpoolOptions },
    stored: SpooledDirectory,
  ) {
    const { name, ownership, options } = made
    const { files, fsync, intervalMs, segmentBytes } = options
    this.name = name
    this.path = stored.path
    this.stored = stored
    this.#files = files
    this.#letters = new DeadLetters(files, this.path)
    this.#ownership = ownership
    this.#log = new AppendLog({
      directory: this.path,
      files,
      fsync,
      intervalMs,
      segmentBytes,
      grown: (segment) => stored.grow(segment),
    })
  }

  /** Makes a directory of its own for this process. Throws what the system says. */
  static async create(
    options: CompleteSpoolOptions,
    events: Pick<SpooledDirectoryOptions, 'damaged' | 'warn'>,
  ): Promise<OwnDirectory> {
    const { directory, destination, files, now } = options
    const name = processName(now())
    const path = join(directory, name)
    await files.makeDirectory(directory)
    const ownership = await own(directory, name)
    try {
      await files.makeDirectory(path)
      if (destination !== undefined) await writeDestination(files, path, destination)
      await files.syncDirectory(directory)
    } catch (error) {
      await ownership.release()
      throw error
    }
    return new OwnDirectory({ name, ownership, options }, new SpooledDirectory({ path, files, ...events }))
  }

  async append(bytes: Buffer, events: number): Promise<void> {
    try {
      await this.#log.append(bytes, events)
      this.#isShortOfRoom = false
    } catch (error) {
      this.#isShortOfRoom = true
      await this.tidy()
      throw error
    }
  }

  /** Keeps a dead letter; throws when that is not where others look for it. */
  async bury(event: OutgoingEvent, burial: Burial): Promise<void> {
    await this.#letters.bury(event, burial)
    if (!(await this.#files.exists(join(this.path, deadLetterFile)))) throw takenAway(this.path)
  }

  /**
   * Frees the disk of what is settled, also in the segment that is appended to, when that is worth a new file or
   * there is no room.
   */
  async tidy(): Promise<void> {
    if (!this.stored.isSettled) return
    if (this.#log.openBytes < worthEndingBytes && !this.#isShortOfRoom) return
    await this.#log.endSegment()
    await this.stored.tidy()
  }

  /** Ends the use of a directory that is not there any more. Its name stays this process's, whose name others bear. */
  async abandon(): Promise<void> {
    await this.#log.close()
    await this.#letters.close()
  }

  /** Ends; what is not settled is left to whoever adopts it. */
  async close(): Promise<void> {
    try {
      await this.abandon()
      await this.stored.removeIfEmpty()
    } finally {
      await this.release()
    }
  }

  /** Gives up the name: to others, this process is gone. */
  release(): Promise<void> {
    return this.#ownership.release()
  }
}
