/** The consistency proof from an earlier size to the size that is being signed. */
export type ProveGrowth = (earlierSize: number) => Promise<readonly Uint8Array[]>

/**
 * What remembers the last checkpoint outside the database, so that a database that was set back shows. It is
 * written before a checkpoint is published, and asked before the next is signed.
 */
export interface OutsideMemory {
  /** The last checkpoint of a log, as a signed note; null when there was none. */
  read(origin: string): Promise<string | null>
  /** Keeps a checkpoint for good, and gives it as it is to be published: with further signatures, if it makes any. */
  write(origin: string, checkpoint: string, proveGrowth: ProveGrowth): Promise<string>
}

/** Several memories as one: each keeps every checkpoint, and what the one that knows most remembers is compared. */
export function memoriesTogether(
  memories: readonly OutsideMemory[],
  sizeOf: (checkpoint: string) => number,
): OutsideMemory {
  return {
    read: async (origin) => {
      const known: string[] = []
      for (const memory of memories) {
        const checkpoint = await memory.read(origin)
        if (checkpoint !== null) known.push(checkpoint)
      }
      return known.toSorted((one, other) => sizeOf(other) - sizeOf(one))[0] ?? null
    },
    write: async (origin, checkpoint, proveGrowth) => {
      let signed = checkpoint
      for (const memory of memories) signed = await memory.write(origin, signed, proveGrowth)
      return signed
    },
  }
}
