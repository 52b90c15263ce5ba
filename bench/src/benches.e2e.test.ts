import { natsProgram, redisProgram, runProgram } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const document = z.strictObject({
  bench: z.string(),
  machine: z.strictObject({
    platform: z.string(),
    processors: z.number().int().positive(),
    processor: z.string(),
    memoryMb: z.number().positive(),
    node: z.string(),
  }),
  results: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.array(z.number())]))).min(1),
  ratios: z.record(z.string(), z.number().positive()),
})

const main = new URL('main.ts', import.meta.url)
const tiny = ['--rounds', '1', '--workflows', '4', '--executions', '20', '--events', '300', '--minutes', '1']

/** The others take long to start, for what they measure; `STEPTRAIL_BENCHES=all` runs them, too. */
const alwaysRun: ReadonlySet<string> = new Set(['http', 'analytics', 'catalog'])
const onNats: ReadonlySet<string> = new Set(['fleet', 'chaos'])
const isRun = ({ name }: { readonly name: string }): boolean =>
  alwaysRun.has(name) ||
  (process.env['STEPTRAIL_BENCHES'] === 'all' && (!onNats.has(name) || natsProgram() !== undefined))

const benches: readonly {
  readonly name: string
  readonly ratios: readonly string[]
  readonly results: number
}[] = [
  { name: 'saga', ratios: ['saga/dbos@1', 'saga/dbos@10', 'saga/dbos@50'], results: 9 },
  {
    name: 'transition',
    ratios: ['transition/without-trigger', 'transition/without-events', 'transition/bare'],
    results: 4,
  },
  {
    name: 'adapters',
    ratios: [
      'adapters/dbos',
      'adapters/dbos@recorded',
      'adapters/bullmq',
      'adapters/bullmq@recorded',
      'adapters/bullmq-steps',
      'adapters/bullmq-steps@recorded',
      ...(redisProgram() === undefined
        ? []
        : [
            'adapters/bullmq-on-redis',
            'adapters/bullmq-on-redis@recorded',
            'adapters/bullmq-on-redis-steps',
            'adapters/bullmq-on-redis-steps@recorded',
          ]),
    ],
    results: redisProgram() === undefined ? 6 : 10,
  },
  { name: 'record', ratios: ['record/pino', 'record/handler@p99', 'record/pino@p99'], results: 5 },
  {
    name: 'ingest',
    ratios: ['ingest/copy', 'ingest/insert', 'ingest/tens', 'ingest/insert@embedded', 'ingest/tens@embedded'],
    results: 7,
  },
  { name: 'fleet', ratios: ['fleet/ingest'], results: 3 },
  { name: 'chaos', ratios: ['chaos/on-record', 'chaos/ended'], results: 17 },
  { name: 'http', ratios: ['http/copy'], results: 3 },
  { name: 'feed', ratios: ['feed/open@p50', 'feed/open@p99'], results: 2 },
  {
    name: 'analytics',
    ratios: [
      'analytics/target@slowest-report',
      'analytics/target@slowest-page',
      'analytics/first@page100',
      'analytics/target@drop',
    ],
    results: 60,
  },
  {
    name: 'catalog',
    ratios: ['actions/20ms@p99', 'workflows/20ms@p99', 'workflow/20ms@p99', 'validate/20ms@p99'],
    results: 4,
  },
  {
    name: 'web',
    ratios: [
      'web/target@interactive',
      'web/target@execution-frames',
      'web/target@events-frames',
      'web/target@first-load',
    ],
    results: 7,
  },
  { name: 'seal', ratios: ['seal/budget@cpu'], results: 3 },
  { name: 'verify', ratios: ['verify/target@events', 'verify/target@tree'], results: 5 },
]

describe('a bench', () => {
  it.each(benches.filter(isRun))(
    'prints one document on $name with --json',
    { timeout: 240_000 },
    async ({ name, ratios, results }) => {
      const run = await runProgram(main, { args: [name, '--json', ...tiny] })
      expect(run.stderr).not.toContain('Error')
      expect(run.code).toBe(0)
      const found = document.parse(JSON.parse(run.stdout))
      expect(found.bench).toBe(name)
      expect(Object.keys(found.ratios)).toEqual(ratios)
      expect(found.results).toHaveLength(results)
    },
  )

  it('is refused when there is none of that name, and so is an amount that is none', async () => {
    const unknown = await runProgram(main, { args: ['speed'] })
    expect(unknown).toMatchObject({ code: 2, stdout: '' })
    expect(unknown.stderr).toContain(
      'give one of saga, transition, adapters, record, ingest, fleet, chaos, http, seal, verify, catalog, feed, web, analytics',
    )
    const amount = await runProgram(main, { args: ['saga', '--rounds', '0'] })
    expect(amount).toMatchObject({ code: 2, stdout: '' })
    expect(amount.stderr).toContain('--rounds is 0')
    const option = await runProgram(main, { args: ['--speed'] })
    expect(option).toMatchObject({ code: 2, stdout: '' })
    expect(option.stderr).toBe("Unknown option '--speed': --help shows what there is.\n")
  })
})
