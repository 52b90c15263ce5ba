/** The consistency proof from an earlier size to the size that is being signed. */
export type ProveGrowth = (earlierSize: number) => Promise<readonly Uint8Array[]>

/**
 * What remembers the last checkpoint outside the database, so that a database that was set back shows. It is
 * written before a checkpoint is published, and asked before the next is signed.
 */
export interface OutsideMemory {
  /** The last checkpoint of a log, as a signed note; null when there was none. */
  read(origin: string): Promise<string | null>
  /** What each of several remembers, where it is several as one. All of it is compared, so that none can hide another. */
  readAll?(origin: string): Promise<readonly string[]>
  /** Keeps a checkpoint for good, and gives it as it is to be published: with further signatures, if it makes any. */
  write(origin: string, checkpoint: string, proveGrowth: ProveGrowth): Promise<string>
}

/** Everything that is remembered of a log. */
export async function allRemembered(memory: OutsideMemory, origin: string): Promise<readonly string[]> {
  if (memory.readAll) return memory.readAll(origin)
  const checkpoint = await memory.read(origin)
  return checkpoint === null ? [] : [checkpoint]
}

/** Several memories as one: each keeps every checkpoint, and what any of them remembers is compared. */
export function memoriesTogether(
  memories: readonly OutsideMemory[],
  sizeOf: (checkpoint: string) => number,
): OutsideMemory {
  const readAll = async (origin: string): Promise<readonly string[]> => {
    const known: string[] = []
    for (const memory of memories) known.push(...(await allRemembered(memory, origin)))
    return known.toSorted((one, other) => sizeOf(other) - sizeOf(one))
  }
  return {
    readAll,
    read: async (origin) => (await readAll(origin))[0] ?? null,
    write: async (origin, checkpoint, proveGrowth) => {
      let signed = checkpoint
      for (const memory of memories) signed = await memory.write(origin, signed, proveGrowth)
      return signed
    },
  }
}
