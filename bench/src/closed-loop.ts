/** What a closed loop came to. */
export interface LoopTimes {
  readonly elapsedMs: number
  /** From the call that began each run to the moment at which its end was known. */
  readonly latenciesMs: readonly number[]
}

/** How much, and how much of it at once. */
export interface Load {
  readonly runs: number
  readonly concurrency: number
}

/** Makes `runs` runs with so many under way at any time: as one ends, the next begins. */
export async function closedLoop({ runs, concurrency }: Load, run: () => Promise<void>): Promise<LoopTimes> {
  const latenciesMs: number[] = []
  let left = runs
  const beganMs = performance.now()
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      const sinceMs = performance.now()
      await run()
      latenciesMs.push(performance.now() - sinceMs)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  return { elapsedMs: performance.now() - beganMs, latenciesMs }
}
