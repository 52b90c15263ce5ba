import type { OutgoingEvent } from '../../outgoing-event.ts'
import type { Spool, SpoolBatch } from '../../spool.ts'
import { directoriesIn } from './adoption.ts'
import { DiskSpool } from './open-spool.ts'
import { hasCode } from './spool-files.ts'
import { type CompleteSpoolOptions, completeSpoolOptions, type SpoolOptions } from './spool-options.ts'
import { spoolClosed, spoolUnavailable } from './trouble.ts'

/**
 * A spool that leaves no trace of itself before it is needed: it is opened (see `openSpool`) by the first event that it
 * has to keep, or when a process has left something in its directory. Until then it only looks: at the first `next`,
 * and every `adoptEveryMs` from then on. Where it could not be opened, it says so once, then and not when it is needed.
 *
 * @throws TrailError `invalid_configuration` for an option that cannot be
 */
export const spoolOnDemand = (options: SpoolOptions): Spool =>
  new SpoolOnDemand(completeSpoolOptions(options))

/** `looking → open → closed`: what fails to open goes on looking. */
class SpoolOnDemand implements Spool {
  readonly #options: CompleteSpoolOptions
  #spool: DiskSpool | undefined
  #opening: Promise<DiskSpool> | undefined
  #looking: NodeJS.Timeout | undefined
  #isUnusable = false
  #isClosed = false
  #listener: (() => void) | undefined

  constructor(options: CompleteSpoolOptions) {
    this.#options = options
  }

  get bytes(): number {
    return this.#spool?.bytes ?? 0
  }

  get events(): number {
    return this.#spool?.events ?? 0
  }

  async append(events: readonly OutgoingEvent[]): Promise<void> {
    await (await this.#open()).append(events)
  }

  async next(maxEvents: number): Promise<SpoolBatch | undefined> {
    if (!this.#spool && !this.#isClosed && !this.#looking) await this.#beginToLook()
    return this.#spool?.next(maxEvents)
  }

  async bury(event: OutgoingEvent, reason: string): Promise<void> {
    await (await this.#open()).bury(event, reason)
  }

  onAdopted(listener: () => void): void {
    this.#listener = listener
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#looking)
    const spool = this.#spool ?? (await this.#opening?.catch(() => undefined))
    await spool?.close()
  }

  #open(): Promise<DiskSpool> {
    if (this.#isClosed) return Promise.reject(spoolClosed(this.#options.directory))
    if (this.#spool) return Promise.resolve(this.#spool)
    this.#opening ??= this.#openNow().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  async #openNow(): Promise<DiskSpool> {
    const spool = await DiskSpool.open(this.#options)
    if (this.#isClosed) await spool.close()
    clearInterval(this.#looking)
    this.#spool = spool
    spool.onAdopted(() => this.#listener?.())
    if (spool.adopted > 0) this.#listener?.()
    return spool
  }

  async #beginToLook(): Promise<void> {
    const { adoptEveryMs } = this.#options
    if (adoptEveryMs > 0) this.#looking = setInterval(() => void this.#look(), adoptEveryMs).unref()
    await this.#look()
  }

  /** Opens it when somebody has been there; else only finds out whether it could. */
  async #look(): Promise<void> {
    const { directory, files } = this.#options
    try {
      if (await this.#isInUse()) await this.#open()
      else await files.checkWritable(directory)
      this.#isUnusable = false
    } catch (error) {
      this.#sayOnce(spoolUnavailable(directory, error))
    }
  }

  async #isInUse(): Promise<boolean> {
    try {
      return (await directoriesIn(this.#options)).length > 0
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false
      throw error
    }
  }

  #sayOnce(error: Error): void {
    if (this.#isUnusable || this.#isClosed) return
    this.#isUnusable = true
    this.#options.logger.warn(
      `events cannot be kept on disk: while the database is away they stay in memory, and what does not fit there is lost: ${error.message}`,
      { directory: this.#options.directory, error },
    )
  }
}
