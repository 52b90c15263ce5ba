import { TrailError } from '@steptrail/event'
import type { OutgoingEvent } from '../../outgoing-event.ts'
import type { Spool, SpoolBatch } from '../../spool.ts'
import { adoptDead, type Adopted, type Foreign, type Refused } from './adoption.ts'
import { processOf } from './directory-name.ts'
import { OwnDirectory } from './own-directory.ts'
import { encodeRecords } from './record.ts'
import { hasCode } from './spool-files.ts'
import { type CompleteSpoolOptions, completeSpoolOptions, type SpoolOptions } from './spool-options.ts'
import { type FoundDamage, SpooledDirectory } from './spooled-directory.ts'
import { spoolClosed, spoolUnavailable } from './trouble.ts'

/**
 * Opens the spool in a directory for this process: makes a directory in it that is its own, and adopts those of dead
 * processes. Any number of processes may have a spool in the same directory. Throws `spool_unavailable` where it may
 * not write, and `invalid_configuration` for an option that cannot be.
 */
export async function openSpool(options: SpoolOptions): Promise<DiskSpool> {
  return DiskSpool.open(completeSpoolOptions(options))
}

/** A spool in files. Open from the beginning, then `closed`, for good. */
export class DiskSpool implements Spool, AsyncDisposable {
  readonly #options: CompleteSpoolOptions
  #own: OwnDirectory | undefined
  readonly #former: OwnDirectory[] = []
  #making: Promise<OwnDirectory> | undefined
  #adopted: SpooledDirectory[] = []
  /** Directories that are its own by now and could not be read yet. */
  readonly #unread: Adopted[] = []
  #adopting: Promise<number> | undefined
  /** Directories that were told of as left alone. */
  readonly #leftAlone = new Set<string>()
  #reservedBytes = 0
  #damaged = 0
  #torn = 0
  #timer: NodeJS.Timeout | undefined
  #listener: (() => void) | undefined
  #isClosed = false

  private constructor(options: CompleteSpoolOptions) {
    this.#options = options
  }

  /** What {@link openSpool} does, with the defaults filled in. */
  static async open(options: CompleteSpoolOptions): Promise<DiskSpool> {
    const spool = new DiskSpool(options)
    try {
      await spool.#ownDirectory()
      await spool.adopt()
    } catch (error) {
      await spool.close()
      throw spoolUnavailable(options.directory, error)
    }
    spool.#lookAgain()
    return spool
  }

  get events(): number {
    return this.#directories.reduce((sum, directory) => sum + directory.events, 0)
  }

  get bytes(): number {
    return this.#directories.reduce((sum, directory) => sum + directory.bytes, 0)
  }

  /** Places in segments where bytes were found that are not what was written; each cost the records it touches. */
  get damaged(): number {
    return this.#damaged
  }

  /** Segments of dead processes that end in the middle of a record. */
  get torn(): number {
    return this.#torn
  }

  /** How many directories of dead processes it has and has not settled. */
  get adopted(): number {
    return this.#adopted.length
  }

  async append(events: readonly OutgoingEvent[]): Promise<void> {
    if (events.length === 0) return
    const { directory } = this.#options
    const bytes = encodeRecords(events)
    this.#reserve(bytes.length)
    try {
      await this.#inOwn((own) => own.append(bytes, events.length))
    } catch (error) {
      throw spoolUnavailable(directory, error)
    } finally {
      this.#reservedBytes -= bytes.length
    }
  }

  async next(maxEvents: number): Promise<SpoolBatch | undefined> {
    if (this.#isClosed) return undefined
    const unreadable: TrailError[] = []
    for (const directory of this.#directories) {
      const batch = await directory.next(maxEvents).catch((error: unknown) => {
        unreadable.push(spoolUnavailable(directory.path, error))
        return undefined
      })
      if (batch === undefined) continue
      return { events: batch.events, settle: () => this.#settle(directory, () => batch.settle()) }
    }
    if (unreadable[0]) throw unreadable[0]
    return undefined
  }

  async bury(event: OutgoingEvent, reason: string): Promise<void> {
    const { directory, now } = this.#options
    const burial = { reason, buriedAt: new Date(now()).toISOString() }
    try {
      await this.#inOwn((own) => own.bury(event, burial))
    } catch (error) {
      throw spoolUnavailable(directory, error)
    }
  }

  /**
   * Looks for directories of dead processes, and adopts them; gives how many. It happens by itself when the spool is
   * opened and every `adoptEveryMs`.
   */
  adopt(): Promise<number> {
    this.#adopting ??= this.#adopt().finally(() => {
      this.#adopting = undefined
    })
    return this.#adopting
  }

  onAdopted(listener: () => void): void {
    this.#listener = listener
  }

  /** Syncs what is under way, and leaves what is not settled to whoever adopts it. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#timer)
    await this.#adopting?.catch(this.#warnOfAdoption)
    // Whoever waits for it is told why it could not be made.
    await this.#making?.catch(() => undefined)
    for (const directory of this.#adopted) await this.#remove(directory)
    try {
      await this.#own?.close()
    } finally {
      for (const former of this.#former) await former.release()
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #directories(): readonly SpooledDirectory[] {
    return this.#own ? [this.#own.stored, ...this.#adopted] : this.#adopted
  }

  #reserve(bytes: number): void {
    const { maxBytes, directory } = this.#options
    const wanted = this.bytes + this.#reservedBytes + bytes
    if (wanted > maxBytes)
      throw new TrailError(
        'spool_unavailable',
        `the spool in ${directory} is full: ${wanted} bytes would wait in it, and maxBytes is ${maxBytes}; it takes more when what waits is replayed, or with a larger maxBytes`,
        { details: { directory, maxBytes, code: 'full' } },
      )
    this.#reservedBytes += bytes
  }

  /** Writes into the own directory; once more into another one when that is not there any more. */
  async #inOwn(write: (own: OwnDirectory) => Promise<void>): Promise<void> {
    const own = await this.#ownDirectory()
    const wasTaken = await write(own).then(
      () => false,
      (error: unknown) => this.#wasTaken(own, error),
    )
    if (wasTaken) await write(await this.#ownDirectory())
  }

  #ownDirectory(): Promise<OwnDirectory> {
    if (this.#isClosed) return Promise.reject(spoolClosed(this.#options.directory))
    if (this.#own) return Promise.resolve(this.#own)
    this.#making ??= this.#makeOwn().finally(() => {
      this.#making = undefined
    })
    return this.#making
  }

  async #makeOwn(): Promise<OwnDirectory> {
    this.#own = await OwnDirectory.create(this.#options, this.#listeners)
    return this.#own
  }

  /**
   * When the own directory is not there any more, another one is made. What waited in it is with who took it, or is
   * gone; rethrows any other error.
   */
  async #wasTaken(own: OwnDirectory, error: unknown): Promise<true> {
    if (!isTakenAway(error)) throw error
    if (this.#own !== own) return true
    this.#own = undefined
    const { events, path } = own.stored
    this.#options.logger.error(
      'the directory of the spool was removed or taken by another process while it was in use; a new one is made',
      { directory: path, events, error: String(error) },
    )
    this.#former.push(own)
    await own.abandon()
    return true
  }

  async #adopt(): Promise<number> {
    const { name } = await this.#ownDirectory()
    const { adopted, foreign, refused } = await adoptDead(this.#options, name)
    this.#tellOf(foreign)
    for (const each of refused) this.#tellOfRefused(each)
    const before = this.#adopted.length
    for (const each of [...this.#unread.splice(0), ...adopted]) await this.#take(each)
    if (this.#adopted.length > before) this.#listener?.()
    return adopted.length
  }

  async #take({ from, path }: Adopted): Promise<void> {
    const { files, logger } = this.#options
    try {
      const stored = await SpooledDirectory.load({ path, files, ...this.#listeners })
      this.#adopted.push(stored)
      const { pid, openedAt } = processOf(from.origin)
      const details = { directory: path, pid, openedAt, events: stored.events, bytes: stored.bytes }
      logger.warn('a spool was adopted: the process that had it is gone', details)
      await this.#removeIfSettled(stored)
    } catch (error) {
      this.#unread.push({ from, path })
      this.#tellOfRefused({ path, error })
    }
  }

  /** Once for each. */
  #tellOf(foreign: readonly Foreign[]): void {
    for (const { from, path, destination } of foreign) {
      if (this.#leftAlone.has(from.name)) continue
      this.#leftAlone.add(from.name)
      this.#options.logger.warn(
        'the spool of a process that is gone is left alone: its events are for another destination',
        { directory: path, destination, own: this.#options.destination },
      )
    }
  }

  /** Once for each. */
  #tellOfRefused({ path, error }: Refused): void {
    if (this.#leftAlone.has(path)) return
    this.#leftAlone.add(path)
    this.#options.logger.error(
      'the spool of a process that is gone cannot be taken over; its events stay there, others are taken, and it will be tried again',
      { directory: path, error: String(error) },
    )
  }

  #lookAgain(): void {
    const { adoptEveryMs } = this.#options
    if (adoptEveryMs === 0) return
    this.#timer = setInterval(() => void this.adopt().catch(this.#warnOfAdoption), adoptEveryMs).unref()
  }

  async #settle(directory: SpooledDirectory, settle: () => Promise<void>): Promise<void> {
    await settle()
    if (directory === this.#own?.stored) await this.#own.tidy()
    else await this.#removeIfSettled(directory)
  }

  async #removeIfSettled(directory: SpooledDirectory): Promise<void> {
    if (!directory.isSettled) return
    await this.#remove(directory)
    this.#adopted = this.#adopted.filter((each) => each !== directory)
  }

  async #remove(directory: SpooledDirectory): Promise<void> {
    try {
      await directory.removeIfEmpty()
    } catch (error) {
      this.#listeners.warn(
        'a directory of the spool could not be removed; whoever opens the spool next tries again',
        error,
      )
    }
  }

  readonly #warnOfAdoption = (error: unknown): void =>
    this.#listeners.warn('spools of dead processes could not be looked for; it will be tried again', error)

  readonly #listeners = {
    damaged: ({ kind, file, offset, bytes }: FoundDamage): void => {
      if (kind === 'torn') this.#torn += 1
      else this.#damaged += 1
      const details = { code: 'spool_damaged', file, offset, bytes }
      if (kind === 'torn') this.#options.logger.warn(damageMessages[kind], details)
      else this.#options.logger.error(damageMessages[kind], details)
    },
    warn: (message: string, error: unknown): void =>
      this.#options.logger.warn(message, { directory: this.#options.directory, error: String(error) }),
  }
}

const damageMessages = {
  torn: 'a file of the spool ends in the middle of a record: it was being written when its process ended',
  damaged:
    'a file of the spool is damaged; the record there is lost, the others are replayed, the file is kept',
  version: 'a file of the spool was written by a later version of Steptrail; it is left for that one',
} as const satisfies Readonly<Record<FoundDamage['kind'], string>>

const isTakenAway = (error: unknown): boolean =>
  hasCode(error, 'ENOENT') || (error instanceof TrailError && error.details['code'] === 'taken_away')
