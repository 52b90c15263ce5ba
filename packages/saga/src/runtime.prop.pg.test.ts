import { describeOnBoth } from '@steptrail/testkit'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { DrivenRuntime } from '../test/driven-runtime.ts'
import { workflows } from '../test/random-workflow.ts'
import { checkReconstruction } from '../test/story/check-reconstruction.ts'
import { checkStories } from '../test/story/check-story.ts'
import { operatorActions } from './operator-order.ts'

type Act = (runtime: DrivenRuntime, which: number) => Promise<void>

const orders = operatorActions.map((action): [string, Act] => [
  action,
  (runtime, which) => runtime.order(action, which),
])

/** What may befall an execution, by name, so that a failing sequence can be read. */
const acts: Readonly<Record<string, Act>> = {
  claim: (runtime, which) => runtime.claim(which),
  succeed: (runtime, which) => runtime.report(which),
  'succeed together': (runtime, which) => runtime.reportTogether(which),
  fail: (runtime, which) => runtime.report(which, { message: 'Connection timeout' }),
  'fail for good': (runtime, which) => runtime.report(which, { message: 'No such tenant', fatal: true }),
  'fail until later': (runtime, which) => runtime.report(which, { message: 'Busy', retryAfterMs: 2_500 }),
  release: (runtime, which) => runtime.release(which),
  'adjust from a handler': (runtime, which) => runtime.adjust(which),
  'a moment passes': (runtime, which) => runtime.pass(1_000, which),
  'a worker falls silent': (runtime, which) => runtime.pass(12_000, which),
  'a timeout passes': (runtime, which) => runtime.pass(16_000, which),
  ...Object.fromEntries(orders),
}

/** What runs through a sequence of commands beside the runtime: how many results the trail must have taken. */
interface Model {
  commands: number
}

class Command implements fc.AsyncCommand<Model, DrivenRuntime> {
  readonly #name: string
  readonly #which: number

  constructor(name: string, which: number) {
    this.#name = name
    this.#which = which
  }

  check(): boolean {
    return true
  }

  async run(model: Model, runtime: DrivenRuntime): Promise<void> {
    model.commands += 1
    await acts[this.#name]?.(runtime, this.#which)
  }

  toString(): string {
    return `${this.#name} ${this.#which}`
  }
}

const often = ['claim', 'claim', 'claim', 'succeed', 'succeed', 'succeed together', 'fail', 'a moment passes']

const commands = fc.commands(
  [...often, ...Object.keys(acts)].map((name) => fc.nat(20).map((which) => new Command(name, which))),
  { maxCommands: 40 },
)

const runs = Number(process.env['STEPTRAIL_PROPERTY_RUNS'] ?? 40)

describeOnBoth('the whole runtime', (open) => {
  test(
    'tells a true story whatever workers, clock and operators do, and ends as promised',
    { timeout: 600_000 },
    async () => {
      const database = await open()
      await fc.assert(
        fc.asyncProperty(
          workflows,
          fc.boolean(),
          fc.double({ min: 0, max: 0.999, noNaN: true }),
          commands,
          async (definition, flag, jitter, script) => {
            const runtime = await DrivenRuntime.start(database, definition, { flag, random: () => jitter })
            try {
              await fc.asyncModelRun(() => ({ model: { commands: 0 }, real: runtime }), script)
              const executionIds = [runtime.executionId]
              expect(await checkStories(database, { executionIds })).toEqual([])
              expect(await runtime.finish()).toBe(true)
              expect(await checkStories(database, { executionIds, mustHaveEnded: true })).toEqual([])
              expect(await checkReconstruction(database, runtime.executionId)).toEqual([])
            } finally {
              await runtime.close()
            }
          },
        ),
        { numRuns: runs },
      )
    },
  )
})
