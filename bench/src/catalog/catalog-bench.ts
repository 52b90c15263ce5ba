import { Discovery, type DiscoveryCaller, registerEntries } from '@steptrail/catalog'
import { createTrail, openDatabase, type Trail } from '@steptrail/core'
import type { BenchFindings, BenchResult } from '../bench-document.ts'
import { createMigrated, startServer } from '../server.ts'
import { median, percentile, rounded } from '../statistics.ts'

/** How much the bench measures. */
export interface CatalogBenchOptions {
  /** Workflows in the catalogue, 1 to 20,000. */
  readonly workflows: number
  /** Selections: each is all four steps. */
  readonly selections: number
}

const actionTypeCount = 100
const values = ['a', 'b', 'c', 'd']
const caller: DiscoveryCaller = { actor: { type: 'agent', id: 'bench' }, tenant: 'default' }
const steps = ['actions', 'workflows', 'workflow', 'validate'] as const

/**
 * How long each step of discovery takes in a large catalogue on PostgreSQL while its event is recorded: of the catalogue,
 * a third is left out by each of two labels, and an action type has a hundredth of it. Ratios are a step's 99th
 * percentile by the 20 ms that it may take.
 */
export async function catalogBench({ workflows, selections }: CatalogBenchOptions): Promise<BenchFindings> {
  await using server = await startServer()
  await using database = await openDatabase({ url: await createMigrated(server, 'catalog') })
  await using trail = createTrail(database)
  await fill(trail, workflows)
  const discovery = new Discovery({ database, recorder: trail.recorder })
  await selectOnce(discovery, 0)
  const times: Record<(typeof steps)[number], number[]> = {
    actions: [],
    workflows: [],
    workflow: [],
    validate: [],
  }
  for (let number = 1; number <= selections; number += 1) {
    const took = await selectOnce(discovery, number)
    for (const step of steps) times[step].push(took[step])
  }
  const { written, dropped } = await trail.flush()
  if (dropped > 0) throw new Error(`${dropped} events were dropped, and ${written} written`)
  const results = steps.map((step): BenchResult => {
    const figures = {
      p50Ms: rounded(median(times[step]), 2),
      p99Ms: rounded(percentile(times[step], 0.99), 2),
    }
    return { step, workflows, selections, ...figures }
  })
  return {
    results,
    ratios: Object.fromEntries(
      steps.map((step) => [`${step}/20ms@p99`, rounded(percentile(times[step], 0.99) / 20, 3)]),
    ),
  }
}

async function fill(trail: Trail, workflows: number): Promise<void> {
  const names = Array.from({ length: Math.min(actionTypeCount, workflows) }, (_, index) => `Action${index}`)
  const labelOf = (index: number): string[] =>
    index % 3 === 0 ? ['*'] : [values[index % values.length] ?? 'a', 'a']
  await registerEntries(
    trail.database,
    {
      actionTypes: names.map((actionType) => ({
        actionType,
        what: 'Acts.',
        whenToUse: 'Often.',
        whenNotToUse: 'Never.',
      })),
      workflows: Array.from({ length: workflows }, (_, index) => ({
        workflowName: `workflow-${index}`,
        version: '1.0.0',
        actionType: names[index % names.length] ?? '',
        title: `Workflow ${index}`,
        description: 'Does what its action type says, in its own way.',
        labels: {
          severity: index % 5 === 0 ? ['low'] : ['critical', 'high'],
          component: labelOf(index),
          environment: index % 7 === 0 ? ['staging'] : ['production'],
          priority: ['*'],
        },
        customLabels: { team: [values[index % values.length] ?? 'a'] },
        parameters: {
          type: 'object',
          properties: { target: { type: 'string' }, amount: { type: 'integer', minimum: index } },
          required: ['target'],
        },
      })),
    },
    { actor: { type: 'service', id: 'bench' } },
  )
}

/** All four steps of one selection, and how long each took. */
async function selectOnce(
  discovery: Discovery,
  number: number,
): Promise<Readonly<Record<(typeof steps)[number], number>>> {
  const context = {
    severity: 'critical',
    component: 'a',
    environment: 'production',
    priority: 'P0',
    customLabels: { team: 'a' },
  }
  const asked = { remediationId: `rr-${number}`, context }
  const [actions, offered] = await timed(() => discovery.listActions({ ...asked, limit: 100 }, caller))
  const actionType = offered.actionTypes[number % Math.max(1, offered.actionTypes.length)]?.actionType ?? ''
  const [workflows, list] = await timed(() => discovery.listWorkflows({ ...asked, actionType }, caller))
  const workflowId = list.workflows[number % Math.max(1, list.workflows.length)]?.workflowId ?? ''
  const [workflow] = await timed(() => discovery.getWorkflow({ ...asked, workflowId }, caller))
  const [validate] = await timed(() =>
    discovery.validateSelection({ ...asked, workflowId, parameters: { target: 'x' } }, caller),
  )
  return { actions, workflows, workflow, validate }
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [ms: number, value: T]> {
  const began = performance.now()
  const value = await work()
  return [performance.now() - began, value]
}
