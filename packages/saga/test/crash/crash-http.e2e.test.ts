import { test } from 'vitest'
import { crashOptions, crashSuite, crashTimeoutMs } from './crash-suite.ts'

const { rounds, seed } = crashOptions(process.env['CI'] ? 25 : 15)

test(
  'no crash breaks the story of workers over HTTP either, whose server dies as they do',
  { timeout: crashTimeoutMs(rounds) },
  () => crashSuite({ rounds, seed, transport: 'http' }),
)
