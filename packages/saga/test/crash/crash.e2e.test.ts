import { test } from 'vitest'
import { crashOptions, crashSuite, crashTimeoutMs } from './crash-suite.ts'

const { rounds, seed } = crashOptions(200)

test(
  'no crash breaks the story: nothing is lost, doubled or left hanging, and what is on record is true',
  { timeout: crashTimeoutMs(rounds) },
  () => crashSuite({ rounds, seed, transport: 'database' }),
)
