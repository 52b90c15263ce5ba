import { parseArgs } from 'node:util'
import { type BenchFindings, documentOf, tableOf } from './bench-document.ts'

const usage = `Usage: npm run bench -- NAME [options]

Measures Steptrail beside a named peer, in one run on this machine. bench/README.md says what each figure is.

Options:
  --json              print one JSON document: bench, machine, results, ratios
  --rounds NUMBER     how often each side is measured (default: 3)
  --workflows NUMBER  how much is measured; what of depends on the bench (default: 400)
  --executions NUMBER, --events NUMBER
                      the size of the history of analytics (default: 500000, 5000000)
  --database URL      analytics: a database that has such a history already
  --plans             analytics: print the plan of each report on standard error
  --minutes NUMBER    chaos: for how long a fleet is broken (default: 10)
  --seed NUMBER       chaos: has the same things done as a run before, which printed it

Examples:
  npm run bench -- ingest
  npm run bench -- saga --rounds 1 --workflows 100 --json
`

const { values, positionals } = given()

/** By name; each is loaded when it is wanted. */
const benches: Readonly<Record<string, () => Promise<BenchFindings>>> = {
  saga: async () =>
    (await import('./saga/saga-bench.ts')).sagaBench({
      rounds: wholeNumber('rounds'),
      workflows: wholeNumber('workflows'),
    }),
  transition: async () =>
    (await import('./transition/transition-bench.ts')).transitionBench({
      rounds: wholeNumber('rounds'),
      executions: wholeNumber('workflows'),
    }),
  adapters: async () =>
    (await import('./adapters/adapters-bench.ts')).adaptersBench({
      rounds: wholeNumber('rounds'),
      workflows: wholeNumber('workflows'),
    }),
  record: async () =>
    (await import('./record/record-bench.ts')).recordBench({
      rounds: wholeNumber('rounds'),
      requests: 10 * wholeNumber('workflows'),
    }),
  ingest: async () =>
    (await import('./ingest/ingest-bench.ts')).ingestBench({
      rounds: wholeNumber('rounds'),
      events: 100 * wholeNumber('workflows'),
    }),
  fleet: async () =>
    (await import('./fleet/fleet-bench.ts')).fleetBench({
      rounds: wholeNumber('rounds'),
      events: 250 * wholeNumber('workflows'),
    }),
  chaos: async () =>
    (await import('./chaos/chaos-bench.ts')).chaosBench({
      minutes: wholeNumber('minutes'),
      seed: values.seed === undefined ? undefined : wholeNumber('seed'),
      onProgress: (text) => void process.stderr.write(text),
    }),
  http: async () =>
    (await import('./http/http-bench.ts')).httpBench({
      rounds: wholeNumber('rounds'),
      events: 100 * wholeNumber('workflows'),
      pages: wholeNumber('workflows'),
    }),
  seal: async () =>
    (await import('./log/seal-bench.ts')).sealBench({ events: 250 * wholeNumber('workflows') }),
  verify: async () =>
    (await import('./log/verify-bench.ts')).verifyBench({
      events: 500 * wholeNumber('workflows'),
      logSize: 25_000 * wholeNumber('workflows'),
    }),
  catalog: async () =>
    (await import('./catalog/catalog-bench.ts')).catalogBench({
      workflows: Math.min(20_000, 25 * wholeNumber('workflows')),
      selections: Math.max(1, Math.floor(2.5 * wholeNumber('workflows'))),
    }),
  feed: async () =>
    (await import('./feed/feed-bench.ts')).feedBench({ events: 10 * wholeNumber('workflows') }),
  web: async () =>
    (await import('./web/web-bench.ts')).webBench({
      rounds: wholeNumber('rounds'),
      executionEvents: 25 * wholeNumber('workflows'),
      rows: 250 * wholeNumber('workflows'),
    }),
  analytics: async () =>
    (await import('./analytics/analytics-bench.ts')).analyticsBench({
      rounds: wholeNumber('rounds'),
      pages: Math.ceil(wholeNumber('workflows') / 4),
      executions: wholeNumber('executions'),
      events: wholeNumber('events'),
      url: values.database,
      ...(values.plans && { onPlans: (plans) => void process.stderr.write(plans) }),
    }),
}

// What a bench has started ends when its process exits; a signal by itself would leave it running.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => process.exit(code))

const [name = ''] = positionals
if (values.help) {
  process.stdout.write(`${usage}\nBenches: ${Object.keys(benches).join(', ')}\n`)
  process.exit(0)
}
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
if (!bench) refuse(`There is no bench ${name}: give one of ${Object.keys(benches).join(', ')}.`)
const document = documentOf(name, await bench())
process.stdout.write(values.json ? `${JSON.stringify(document)}\n` : tableOf(document))

function given() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        json: { type: 'boolean', default: false },
        rounds: { type: 'string', default: '3' },
        workflows: { type: 'string', default: '400' },
        executions: { type: 'string', default: '500000' },
        events: { type: 'string', default: '5000000' },
        plans: { type: 'boolean', default: false },
        database: { type: 'string' },
        minutes: { type: 'string', default: '10' },
        seed: { type: 'string' },
      },
    })
  } catch (error) {
    const [message = ''] = String(error instanceof Error ? error.message : error).split('. ')
    return refuse(`${message}: --help shows what there is.`)
  }
}

function wholeNumber(option: 'rounds' | 'workflows' | 'executions' | 'events' | 'minutes' | 'seed'): number {
  const value = Number(values[option])
  if (Number.isInteger(value) && value >= 1) return value
  return refuse(`--${option} is ${values[option]}: give a whole number of at least 1.`)
}

function refuse(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}
