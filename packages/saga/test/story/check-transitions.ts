import { stepMayMove, type StepState } from '@steptrail/workflow'
import type { StepRow, Story, TransitionRow } from './story.ts'

const reported: readonly StepState[] = ['enqueued_for_orchestration', 'enqueued_as_error_for_orchestration']

/** Each step's transitions against the state tables and its row, and the audit of results against both. */
export function transitionFaults(story: Story): readonly string[] {
  return [...story.steps.flatMap((step) => stepFaults(story, step)), ...auditFaults(story)]
}

function stepFaults({ transitions }: Story, step: StepRow): readonly string[] {
  const own = transitionsOf(transitions, step)
  const last = own.at(-1)
  const name = `${step.operation_type} ${step.name}`
  return [
    ...own.flatMap((transition, position) => moveFaults(transition, { own, position, name })),
    ...(step.status === last?.to_state
      ? []
      : [`${name} is ${step.status}, and its last transition led to ${last?.to_state}`]),
    ...(step.last_sort_key === own.length
      ? []
      : [`${name} counts ${step.last_sort_key} transitions and has ${own.length}`]),
    ...(step.attempt === attemptsIn(own)
      ? []
      : [`${name} counts ${step.attempt} attempts and was claimed ${attemptsIn(own)} times`]),
  ]
}

/** The transitions of one step, by sort key. */
export const transitionsOf = (
  transitions: readonly TransitionRow[],
  { workflow_step_uuid: stepId }: Pick<StepRow, 'workflow_step_uuid'>,
): readonly TransitionRow[] => transitions.filter((transition) => transition.workflow_step_uuid === stepId)

/** Claims that were not given back. */
function attemptsIn(own: readonly TransitionRow[]): number {
  const claimed = own.filter(({ to_state: to }) => to === 'in_progress').length
  const released = own.filter(
    ({ from_state: from, to_state: to }) => from === 'in_progress' && to === 'enqueued',
  )
  return claimed - released.length
}

interface Place {
  readonly own: readonly TransitionRow[]
  readonly position: number
  readonly name: string
}

function moveFaults(transition: TransitionRow, { own, position, name }: Place): readonly string[] {
  const { from_state: from, to_state: to, sort_key: sortKey } = transition
  const before = own[position - 1]?.to_state ?? null
  const move = `${name}: transition ${sortKey} from ${from} to ${to}`
  return [
    ...(sortKey === position + 1 ? [] : [`${move} is number ${position + 1} of its step`]),
    ...(from === before ? [] : [`${move} follows one that led to ${before}`]),
    ...(stepMayMove(from, to) ? [] : [`${move} is not allowed`]),
  ]
}

function auditFaults({ transitions, audits, execution }: Story): readonly string[] {
  const reports = transitions.filter(({ to_state: to }) => reported.includes(to))
  const audited = Map.groupBy(audits, (audit) => audit.workflow_step_transition_uuid)
  const known = new Set(reports.map((report) => report.workflow_step_transition_uuid))
  return [
    ...reports.flatMap((report) => {
      const rows = audited.get(report.workflow_step_transition_uuid) ?? []
      const [audit] = rows
      const name = `the result in transition ${report.workflow_step_transition_uuid}`
      if (rows.length !== 1 || audit === undefined) return [`${name} is audited ${rows.length} times`]
      const isRight =
        audit.success === (report.to_state === 'enqueued_for_orchestration') &&
        audit.workflow_step_uuid === report.workflow_step_uuid &&
        audit.task_uuid === execution.execution_id &&
        audit.worker_uuid !== null &&
        audit.worker_uuid === report.metadata['worker_uuid']
      return isRight ? [] : [`${name} is audited as another: ${JSON.stringify(audit)}`]
    }),
    ...audits
      .filter((audit) => !known.has(audit.workflow_step_transition_uuid))
      .map(
        (audit) =>
          `an audit tells of transition ${audit.workflow_step_transition_uuid}, which reports nothing`,
      ),
  ]
}
