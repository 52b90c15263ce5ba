import type { Database } from '@steptrail/core'
import { readRuns } from '@steptrail/log'
import { checkRun, sha256 } from '@steptrail/verify'
import { isEnded } from '@steptrail/workflow'
import { outcomeFaults } from './check-outcomes.ts'
import { promiseFaults } from './check-promise.ts'
import { sequenceFaults } from './check-sequence.ts'
import { transitionFaults } from './check-transitions.ts'
import { readStories, type Story } from './story.ts'

/** What is checked beside what always holds. */
export interface StoryCheck {
  /** Default: every execution in the database. */
  readonly executionIds?: readonly string[]
  /** Whether an execution that has not ended is a fault. Default `false`. */
  readonly mustHaveEnded?: boolean
}

/** Every fault in what is stored of these executions, one readable line each. Empty when the trail tells the truth. */
export async function checkStories(database: Database, check: StoryCheck = {}): Promise<readonly string[]> {
  const { executionIds = null, mustHaveEnded = false } = check
  const stories = await readStories(database, executionIds)
  const known = new Set(stories.map(({ execution }) => execution.execution_id))
  const missing = (executionIds ?? []).filter((id) => !known.has(id))
  return [
    ...missing.map((id) => `execution ${id}: it is not there`),
    ...stories.flatMap((story) => [...faultsOf(story), ...(mustHaveEnded ? hangingFaults(story) : [])]),
    ...(await verifiedFaults(database, [...known])),
  ]
}

/** What `steptrail verify` finds: it must not take a true story for a false one. */
async function verifiedFaults(
  database: Database,
  executionIds: readonly string[],
): Promise<readonly string[]> {
  const runs = await database.transaction((tx) => readRuns(tx, executionIds), {
    isolation: 'repeatable read',
  })
  return runs.flatMap((run) => {
    const verdict = checkRun(run, sha256)
    return verdict.ok
      ? []
      : [`execution ${run.execution.execution_id}: verify says that ${verdict.defect.problem}`]
  })
}

/** Every fault in one story. Pure. */
export function faultsOf(story: Story): readonly string[] {
  const faults = [
    ...sequenceFaults(story),
    ...transitionFaults(story),
    ...outcomeFaults(story),
    ...promiseFaults(story),
  ]
  return faults.map((fault) => `execution ${story.execution.execution_id}: ${fault}`)
}

function hangingFaults({ execution, steps }: Story): readonly string[] {
  if (isEnded(execution.status)) return []
  const open = steps.map((step) => `${step.operation_type} ${step.name} ${step.status}`).join(', ')
  return [`execution ${execution.execution_id}: it hangs in ${execution.status}, with ${open}`]
}
