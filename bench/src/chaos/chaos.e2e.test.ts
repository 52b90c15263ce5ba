import { describeOnNats } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { chaos } from './chaos.ts'

const forMs = Number(process.env['STEPTRAIL_CHAOS_MS'] ?? (process.env['CI'] ? 60_000 : 20_000))
const seed = Number(process.env['STEPTRAIL_CHAOS_SEED'] ?? Date.now() % 1_000_000)

describeOnNats('a fleet', () => {
  it(
    'has each acknowledged event on record once and ends each execution, whatever of it is killed, stopped or cut off',
    { timeout: forMs + 240_000 },
    async () => {
      const { done, standing, expected, faults } = await chaos({ forMs, seed })
      const about = `seed ${seed}: ${JSON.stringify(done)}`
      expect(standing, about).toEqual(expected)
      expect(faults, about).toEqual([])
      expect(expected.ended, about).toBeGreaterThan(0)
    },
  )
})
