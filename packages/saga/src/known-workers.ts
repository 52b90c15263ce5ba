import type { Implementation } from '@steptrail/workflow'

/**
 * What workers implement, of so many workers and implementations in all: those that were not asked for longest are forgotten first,
 * since a worker that was killed never says that it is gone. Who is forgotten claims its steps by itself.
 */
export class KnownWorkers {
  readonly #most: number
  readonly #workers = new Map<string, readonly Implementation[]>()
  #kept = 0

  constructor(most = 100_000) {
    this.#most = most
  }

  /** What a worker implements; undefined when it is not known, or not any more. */
  get(workerUuid: string): readonly Implementation[] | undefined {
    const implemented = this.#workers.get(workerUuid)
    if (implemented) {
      this.#workers.delete(workerUuid)
      this.#workers.set(workerUuid, implemented)
    }
    return implemented
  }

  /** Remembers a worker. */
  set(workerUuid: string, implemented: readonly Implementation[]): void {
    this.delete(workerUuid)
    this.#workers.set(workerUuid, implemented)
    this.#kept += weightOf(implemented)
    for (const [oldest] of this.#workers) {
      if (this.#kept <= this.#most) break
      this.delete(oldest)
    }
  }

  /** Forgets a worker. */
  delete(workerUuid: string): void {
    const implemented = this.#workers.get(workerUuid)
    if (implemented) this.#kept -= weightOf(implemented)
    this.#workers.delete(workerUuid)
  }
}

const weightOf = (implemented: readonly Implementation[]): number => implemented.length + 1
