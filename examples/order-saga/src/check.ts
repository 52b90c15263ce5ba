import type { Database, ExecutionView } from '@steptrail/core'
import type { Scenario } from './scenarios/scenario.ts'
import type { Scene } from './shop/scene.ts'
import { type Traces, tracesOf } from './shop/traces.ts'

/** A scenario that was played, and its execution as it ended. */
export interface Played {
  readonly scenario: Scenario
  /** The order of this run. */
  readonly order: string
  readonly scene: Scene
  readonly execution: ExecutionView
}

/** Something that was looked up after the executions had ended, and whether it is as it should be. */
export interface Check {
  readonly name: string
  readonly passed: boolean
  readonly expected: unknown
  readonly found: unknown
}

/** Looks whether the execution ended as the scenario says, and whether the shop's tables agree. */
export async function checksOf(
  database: Database,
  { scenario: { expects }, order, scene, execution }: Played,
): Promise<readonly Check[]> {
  const traces = await tracesOf(database, { order, ...scene })
  const counted = Object.keys(expects.traces) as readonly (keyof Traces)[]
  const found = Object.fromEntries(counted.map((key) => [key, traces[key]]))
  return [
    check(`${order} ended`, expects.status, execution.status),
    check(`${order} was undone`, (expects.undone ?? []).toSorted(), undone(execution).toSorted()),
    check(`${order} did without`, expects.skipped.toSorted(), skipped(execution).toSorted()),
    check(`${order} left in the shop`, sortedByKey(expects.traces), sortedByKey(found)),
  ]
}

function check(name: string, expected: unknown, found: unknown): Check {
  return { name, expected, found, passed: JSON.stringify(expected) === JSON.stringify(found) }
}

const undone = ({ steps }: ExecutionView): readonly string[] =>
  steps.flatMap(({ name, operationType, status }) =>
    operationType === 'UNDO' && status === 'complete' ? [name] : [],
  )

const skipped = ({ steps }: ExecutionView): readonly string[] =>
  steps.flatMap(({ name, operationType, status }) =>
    operationType === 'DO' && status === 'skipped' ? [name] : [],
  )

const sortedByKey = (record: object): object =>
  Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)))
