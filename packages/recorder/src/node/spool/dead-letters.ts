import { join } from 'node:path'
import type { OutgoingEvent } from '../../outgoing-event.ts'
import { deadLetterFile } from './directory-name.ts'
import { hasCode, type SpoolFile, type SpoolFiles } from './spool-files.ts'

/** An event that was refused for good. */
export interface DeadLetter {
  /** When it was given up, ISO 8601. */
  readonly buriedAt: string
  readonly reason: string
  /** The row of `audit_event` that it would have been. */
  readonly event: Readonly<Record<string, unknown>>
}

/** What a dead letter says beside its event. */
export interface Burial {
  readonly reason: string
  readonly buriedAt: string
}

/** The file of a directory's dead letters, as it is written: a line each, synced. It is made with the first. */
export class DeadLetters {
  readonly #files: SpoolFiles
  readonly #directory: string
  #open: { readonly file: SpoolFile; size: number } | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(files: SpoolFiles, directory: string) {
    this.#files = files
    this.#directory = directory
  }

  /** Resolves when the line is on disk. Rejects with what the system says; then nothing of it is there. */
  bury(event: OutgoingEvent, { reason, buriedAt }: Burial): Promise<void> {
    const about = JSON.stringify({ buriedAt, reason }).slice(0, -1)
    return this.#inTurn(() => this.#write(Buffer.from(`${about},"event":${event.json}}\n`)))
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#open?.file.close()
      this.#open = undefined
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work)
    this.#turn = turn
    return turn
  }

  async #write(line: Buffer): Promise<void> {
    const open = await this.#opened()
    try {
      await open.file.write(line, open.size)
      await open.file.sync()
      open.size += line.length
    } catch (error) {
      await open.file.truncate(open.size)
      throw error
    }
  }

  async #opened(): Promise<{ readonly file: SpoolFile; size: number }> {
    if (this.#open) return this.#open
    const path = join(this.#directory, deadLetterFile)
    this.#open = await this.#files.openToAppend(path)
    await this.#files.syncDirectory(this.#directory)
    return this.#open
  }
}

/** The dead letters in a directory, and how many lines are none. */
export async function readDeadLetters(
  files: SpoolFiles,
  directory: string,
): Promise<{ readonly letters: readonly DeadLetter[]; readonly unreadable: number }> {
  const text = await files
    .read(join(directory, deadLetterFile))
    .then((bytes) => bytes.toString('utf8'))
    .catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return ''
      throw error
    })
  const lines = text.split('\n').filter((line) => line !== '')
  const letters = lines.map(letterOf).filter((letter) => letter !== undefined)
  return { letters, unreadable: lines.length - letters.length }
}

function letterOf(line: string): DeadLetter | undefined {
  try {
    const letter: unknown = JSON.parse(line)
    return typeof letter === 'object' && letter !== null && 'event' in letter
      ? (letter as DeadLetter)
      : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
