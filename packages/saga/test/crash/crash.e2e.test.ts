import { test } from 'vitest'
import { crashOptions, crashSuite, crashTimeoutMs } from './crash-suite.ts'

const { rounds, seed } = crashOptions(process.env['CI'] ? 200 : 80)

test(
  'no crash breaks the story: nothing is lost, doubled or left hanging, and what is on record is true',
  { timeout: crashTimeoutMs(rounds) },
  () => crashSuite({ rounds, seed, transport: 'database' }),
)
