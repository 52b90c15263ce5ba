import { segmentHeader } from './segment.ts'
import type { SpoolFile, SpoolFiles } from './spool-files.ts'

/**
 * A segment that is being appended to. What failed is truncated away: `size` never counts half of what was to be
 * written, and `synced` never what may not be on disk.
 */
export class SegmentWriter {
  readonly path: string
  readonly #file: SpoolFile
  #size: number
  #synced: number
  #isBroken = false

  private constructor(path: string, file: SpoolFile, size: number) {
    this.path = path
    this.#file = file
    this.#size = size
    this.#synced = size
  }

  /** A new segment, with its header and its name on disk; throws, and leaves no file, when they cannot be. */
  static async create(files: SpoolFiles, directory: string, path: string): Promise<SegmentWriter> {
    const file = await files.create(path)
    try {
      const header = segmentHeader()
      await file.write(header, 0)
      await file.sync()
      await files.syncDirectory(directory)
      return new SegmentWriter(path, file, header.length)
    } catch (error) {
      await file.close()
      await files.remove(path)
      throw error
    }
  }

  get size(): number {
    return this.#size
  }

  get synced(): number {
    return this.#synced
  }

  /** Nobody can say what the file holds behind `synced`: it is not to be appended to. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  /** Appends; when that fails, takes back what came to be there. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#file.write(bytes, this.#size)
      this.#size += bytes.length
    } catch (error) {
      await this.#takeBack(this.#size)
      throw error
    }
  }

  /**
   * Resolves when all that was written is on disk. A failed sync may have lost any of it, and a second one would not
   * tell: all of it is taken back, and the segment broken.
   */
  async sync(): Promise<void> {
    if (this.#synced === this.#size) return
    const size = this.#size
    try {
      await this.#file.sync()
      this.#synced = size
    } catch (error) {
      this.#isBroken = true
      await this.#takeBack(this.#synced)
      throw error
    }
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  async #takeBack(size: number): Promise<void> {
    this.#size = size
    try {
      await this.#file.truncate(size)
    } catch {
      // The failure that led here is thrown; readers of this process stop at `synced`.
      this.#isBroken = true
    }
  }
}
