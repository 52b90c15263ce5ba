import type { BenchFindings } from '../bench-document.ts'
import { rounded } from '../statistics.ts'
import { chaos } from './chaos.ts'

/** How much the bench does. */
export interface ChaosBenchOptions {
  readonly minutes: number
  /** What decides what is done when; another one each time unless given. */
  readonly seed?: number | undefined
  readonly onProgress: (text: string) => void
}

/**
 * Kills, stops and cuts off parts of a fleet at random for so long, and counts what is on record of what was acknowledged.
 *
 * @throws Error when anything is missing, doubled, not ended, not sealed or does not verify
 */
export async function chaosBench({ minutes, seed, onProgress }: ChaosBenchOptions): Promise<BenchFindings> {
  const chosen = seed ?? Date.now() % 1_000_000
  onProgress(`seed ${chosen}\n`)
  const began = performance.now()
  const { done, emitted, started, standing, expected, faults } = await chaos({
    forMs: minutes * 60_000,
    seed: chosen,
    onAct: (name) =>
      onProgress(`${String(Math.round((performance.now() - began) / 1000)).padStart(5)} s  ${name}\n`),
  })
  if (faults.length > 0 || JSON.stringify(standing) !== JSON.stringify(expected))
    throw new Error(`with seed ${chosen}: ${JSON.stringify({ expected, standing, faults })}`)
  return {
    results: [
      { what: 'event', name: 'acknowledged', found: emitted },
      { what: 'event', name: 'on record', found: standing.events },
      { what: 'execution', name: 'begun', found: started.length },
      { what: 'execution', name: 'ended', found: standing.ended },
      ...Object.entries(done).map(([name, found]) => ({ what: 'done', name, found })),
    ],
    ratios: {
      'chaos/on-record': rounded(standing.events / emitted, 6),
      'chaos/ended': rounded(standing.ended / started.length, 6),
    },
  }
}
