import { parseArgs } from 'node:util'
import { adaptersBench } from './adapters/adapters-bench.ts'
import { analyticsBench } from './analytics/analytics-bench.ts'
import { type BenchFindings, documentOf, tableOf } from './bench-document.ts'
import { catalogBench } from './catalog/catalog-bench.ts'
import { chaosBench } from './chaos/chaos-bench.ts'
import { feedBench } from './feed/feed-bench.ts'
import { fleetBench } from './fleet/fleet-bench.ts'
import { httpBench } from './http/http-bench.ts'
import { ingestBench } from './ingest/ingest-bench.ts'
import { sealBench } from './log/seal-bench.ts'
import { verifyBench } from './log/verify-bench.ts'
import { recordBench } from './record/record-bench.ts'
import { sagaBench } from './saga/saga-bench.ts'
import { transitionBench } from './transition/transition-bench.ts'
import { webBench } from './web/web-bench.ts'

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

const benches: Readonly<Record<string, () => Promise<BenchFindings>>> = {
  saga: () => sagaBench({ rounds: wholeNumber('rounds'), workflows: wholeNumber('workflows') }),
  transition: () => transitionBench({ rounds: wholeNumber('rounds'), executions: wholeNumber('workflows') }),
  adapters: () => adaptersBench({ rounds: wholeNumber('rounds'), workflows: wholeNumber('workflows') }),
  record: () => recordBench({ rounds: wholeNumber('rounds'), requests: 10 * wholeNumber('workflows') }),
  ingest: () => ingestBench({ rounds: wholeNumber('rounds'), events: 100 * wholeNumber('workflows') }),
  fleet: () => fleetBench({ rounds: wholeNumber('rounds'), events: 250 * wholeNumber('workflows') }),
  chaos: () =>
    chaosBench({
      minutes: wholeNumber('minutes'),
      seed: values.seed === undefined ? undefined : wholeNumber('seed'),
      onProgress: (text) => void process.stderr.write(text),
    }),
  http: () =>
    httpBench({
      rounds: wholeNumber('rounds'),
      events: 100 * wholeNumber('workflows'),
      pages: wholeNumber('workflows'),
    }),
  seal: () => sealBench({ events: 250 * wholeNumber('workflows') }),
  verify: () =>
    verifyBench({ events: 500 * wholeNumber('workflows'), logSize: 25_000 * wholeNumber('workflows') }),
  catalog: () =>
    catalogBench({
      workflows: Math.min(20_000, 25 * wholeNumber('workflows')),
      selections: Math.max(1, Math.floor(2.5 * wholeNumber('workflows'))),
    }),
  feed: () => feedBench({ events: 10 * wholeNumber('workflows') }),
  web: () =>
    webBench({
      rounds: wholeNumber('rounds'),
      executionEvents: 25 * wholeNumber('workflows'),
      rows: 250 * wholeNumber('workflows'),
    }),
  analytics: () =>
    analyticsBench({
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
