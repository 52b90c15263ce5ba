import type { RunRecord, RunStep, RunTransition } from './run-record.ts'
import { mayComeFrom } from './step-states.ts'

/** Each step's transitions against the state table and its row, and the audits of results against them, both ways. */
export function transitionProblem(run: RunRecord): string | null {
  for (const step of run.steps) {
    const problem = stepProblem(transitionsOf(run, step), step)
    if (problem) return `${nameOf(step)}: ${problem}`
  }
  const known = new Set(run.steps.map((step) => step.workflow_step_uuid))
  const stray = run.transitions.find((transition) => !known.has(transition.workflow_step_uuid))
  if (stray) return `transition ${stray.workflow_step_transition_uuid} is of no step of it`
  return auditProblem(run)
}

/** The transitions of one step, by sort key. */
export const transitionsOf = ({ transitions }: RunRecord, step: RunStep): readonly RunTransition[] =>
  transitions.filter((transition) => transition.workflow_step_uuid === step.workflow_step_uuid)

/** `DO createUser`. */
export const nameOf = ({ operation_type: operation, name }: RunStep): string => `${operation} ${name}`

function stepProblem(own: readonly RunTransition[], step: RunStep): string | null {
  for (const [place, { from_state: from, to_state: to, sort_key: key, metadata }] of own.entries()) {
    if (key !== place + 1) return `transition ${place + 1} is missing`
    if (metadata === null) return `transition ${key} has no metadata`
    const before = own[place - 1]?.to_state ?? null
    if (from !== before) return `transition ${key} leaves ${from}, and the one before led to ${before}`
    if (!mayComeFrom(to)?.includes(from)) return `transition ${key} from ${from} to ${to} is not allowed`
  }
  if (step.last_sort_key !== own.length)
    return `${step.last_sort_key} transitions were made, and ${own.length} are there`
  const last = own.at(-1)?.to_state
  if (last !== step.status) return `it is ${step.status}, and its last transition led to ${last}`
  const attempts = attemptsIn(own)
  return attempts === step.attempt
    ? null
    : `it counts ${step.attempt} attempts, and was claimed ${attempts} times`
}

/** Claims that were not given back. */
function attemptsIn(own: readonly RunTransition[]): number {
  const claimed = own.filter(({ to_state: to }) => to === 'in_progress').length
  const released = own.filter(
    ({ from_state: from, to_state: to }) => from === 'in_progress' && to === 'enqueued',
  )
  return claimed - released.length
}

const reported: readonly string[] = ['enqueued_for_orchestration', 'enqueued_as_error_for_orchestration']

function auditProblem({ transitions, audits, execution }: RunRecord): string | null {
  const reports = new Map(
    transitions
      .filter(({ to_state: to }) => reported.includes(to))
      .map((report) => [report.workflow_step_transition_uuid, report]),
  )
  const audited = new Set<string>()
  for (const audit of audits) {
    const { workflow_step_transition_uuid: id } = audit
    const report = reports.get(id)
    if (report === undefined) return `a result is audited for transition ${id}, which reports none`
    if (audited.has(id)) return `the result in transition ${id} is audited twice`
    audited.add(id)
    const worker = report.metadata['worker_uuid'] ?? null
    const isRight =
      audit.success === (report.to_state === 'enqueued_for_orchestration') &&
      audit.workflow_step_uuid === report.workflow_step_uuid &&
      audit.task_uuid === execution.execution_id &&
      audit.worker_uuid === worker
    if (!isRight) return `the audit of the result in transition ${id} tells of another`
  }
  const missing = [...reports.keys()].find((id) => !audited.has(id))
  return missing === undefined ? null : `the result in transition ${missing} has no audit`
}
