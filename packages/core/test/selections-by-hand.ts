import type { EventInput } from '@steptrail/event'
import { type Database, recordIn, storeWorkflowExecutionAudit } from '../src/index.ts'

/** The month in which these selections were made: before the time of simulated histories. */
export const monthByHand = { since: '2025-03-01T00:00:00.000Z', until: '2025-04-01T00:00:00.000Z' }

type Call =
  | { readonly offered: readonly string[]; readonly offset?: number }
  | { readonly chosen: string; readonly isValid: boolean }

interface Selection {
  readonly id: string
  readonly tenant?: string
  readonly calls: readonly Call[]
  readonly executed?: readonly [workflow: string, outcome: 'success' | 'failed', version?: string]
}

/** One a day, from the first of the month on; the calls of one follow one another by the second. */
const selections: readonly Selection[] = [
  {
    id: 's1',
    calls: [{ offered: ['a', 'b', 'c'] }, { offered: ['a', 'b', 'c'] }, { chosen: 'a', isValid: true }],
    executed: ['a', 'success'],
  },
  {
    id: 's2',
    calls: [
      { offered: ['a', 'b'] },
      { offered: ['c', 'd'], offset: 2 },
      { chosen: 'a', isValid: false },
      { chosen: 'a', isValid: true },
    ],
    executed: ['a', 'failed'],
  },
  {
    id: 's3',
    calls: [{ offered: ['b', 'a'] }, { chosen: 'b', isValid: true }, { chosen: 'a', isValid: true }],
  },
  { id: 's4', calls: [{ offered: ['b'] }, { chosen: 'b', isValid: true }], executed: ['b', 'failed'] },
  { id: 's5', calls: [{ chosen: 'e', isValid: true }], executed: ['e', 'success'] },
  { id: 's1', tenant: 'acme', calls: [{ offered: ['c'] }, { chosen: 'c', isValid: false }] },
  { id: 'by-hand', calls: [], executed: ['a', 'failed', '2.0.0'] },
]

/** What the catalogue expects of versions; of the second version of a nothing. */
const expectations = [
  ['a', '1.0.0', 0.9],
  ['a', '2.0.0', null],
  ['b', '1.0.0', 0.5],
  ['e', '1.0.0', 0.5],
] as const

/** When the call of a selection was made: both counted from 0. */
export const timeByHand = (selection: number, call: number): string =>
  new Date(Date.parse(monthByHand.since) + selection * 86_400_000 + call * 1_000).toISOString()

/** Writes a month of selections that are few enough to be counted by hand. */
export async function writeSelectionsByHand(database: Database): Promise<void> {
  await database.query(insertActionType)
  for (const [name, version, expected] of expectations)
    await database.query(insertWorkflow, [name, version, expected])
  for (const [day, { id, tenant = 'default', calls, executed }] of selections.entries()) {
    await database.transaction((tx) =>
      recordIn(
        tx,
        calls.map((call, second) => ({
          ...eventOf(call, id),
          correlationId: id,
          tenant,
          timestamp: timeByHand(day, second),
        })),
      ),
    )
    if (!executed) continue
    const [workflow_name, outcome, workflow_version = '1.0.0'] = executed
    const audit = {
      remediation_id: id,
      workflow_name,
      workflow_version,
      total_steps: 1,
      steps_completed: outcome === 'success' ? 1 : 0,
      steps_failed: outcome === 'success' ? 0 : 1,
      outcome,
    }
    await storeWorkflowExecutionAudit(database, audit, { tenant, now: Date.parse(timeByHand(day, 60)) })
  }
}

function eventOf(call: Call, remediationId: string): EventInput {
  const operation = 'chosen' in call ? 'selection_validated' : 'workflows_listed'
  const payload = 'chosen' in call ? choiceOf(call.chosen, call.isValid) : listOf(call)
  return {
    eventType: `workflow.catalog.${operation}`,
    status: 'isValid' in call && !call.isValid ? 'FAILED' : 'SUCCESS',
    serviceName: 'data-storage',
    details: {
      version: '1.0',
      service: 'data-storage',
      operation,
      status: 'success',
      payload: { remediationId, actionType: 'RestartPod', queryDurationMs: 1, ...payload },
    },
  }
}

const choiceOf = (name: string, isValid: boolean) => ({
  ...named(name),
  validationResult: isValid ? 'valid' : 'invalid',
  parameterValidation: null,
})

const listOf = ({ offered, offset = 0 }: Extract<Call, { readonly offered: unknown }>) => ({
  signalContext: null,
  resultCount: offered.length,
  workflows: offered.map((name) => ({ ...named(name), finalScore: 0.5 })),
  pagination: { offset, limit: 10, totalCount: offset + offered.length, hasMore: false },
})

const named = (workflowName: string) => ({ workflowId: workflowName, workflowName, version: '1.0.0' })

const insertActionType = `
insert into workflow_action_types (action_type, what, when_to_use, when_not_to_use, preconditions)
values ('RestartPod', 'Restarts a pod.', '', '', '')`

const insertWorkflow = `
insert into workflow_catalog (
  workflow_id, workflow_name, version, action_type, title, description, labels, parameters, status,
  disabled_reason, expected_success_rate, content_hash
)
values (
  uuid_v7(), $1, $2, 'RestartPod', $1, '', '{}', '{}', 'disabled', 'not on offer',
  $3, 'sha256:' || repeat('0', 64)
)`
