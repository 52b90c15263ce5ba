import { utf8 } from '../bytes/bytes.ts'
import { hexOf, isUuid } from '../bytes/hex.ts'
import { canonicalJson, type Json } from '../canonical-json.ts'
import type { Sha256 } from '../hash/sha256.ts'
import type { RunEvent, RunRecord, RunStep, RunTransition } from './run-record.ts'
import { nameOf, transitionsOf } from './transition-problem.ts'

/** STEP events that follow from no transition. */
const besides: readonly string[] = ['STEP_RESULT_REJECTED', 'ADAPTIVE_ADJUSTMENT']

/**
 * The events of each step against its transitions, both ways: kind, count and order, and the digests by which events
 * commit to results, inputs and outputs.
 */
export function outcomeProblem(run: RunRecord, sha256: Sha256): string | null {
  const known = new Set(run.steps.map((step) => step.workflow_step_uuid))
  const stranger = run.events.find((event) => event.entity_type === 'STEP' && !known.has(event.step_id ?? ''))
  if (stranger) return `event ${stranger.execution_seq} ${stranger.event_type} is of no step of it`
  for (const step of run.steps) {
    const problem = stepProblem(run, step, sha256)
    if (problem) return `${nameOf(step)}: ${problem}`
  }
  return valueProblem(run, sha256)
}

function stepProblem(run: RunRecord, step: RunStep, sha256: Sha256): string | null {
  const own = run.events.filter(
    (event) => event.step_id === step.workflow_step_uuid && !besides.includes(event.event_type),
  )
  const told = toldBy(transitionsOf(run, step))
  for (const [place, { eventType, metadata }] of told.entries()) {
    const event = own[place]
    if (event?.event_type !== eventType)
      return event
        ? `event ${event.execution_seq} is ${event.event_type}, and its transitions tell of ${eventType}`
        : `its transitions tell of ${eventType}, and there is no such event`
    if (event.step_name !== step.name || event.operation_type !== step.operation_type)
      return `event ${event.execution_seq} calls it ${event.operation_type} ${event.step_name}`
    if (metadata === undefined || isErased(metadata)) continue
    if (!isDigestOf(event.details['resultDigest'], { event, value: metadata, sha256 }))
      return `its result is not the one that event ${event.execution_seq} has the digest of`
  }
  const more = own[told.length]
  return more
    ? `event ${more.execution_seq} ${more.event_type} follows from no transition`
    : outputProblem(run, step)
}

/** An event that a transition must have left, and the metadata whose digest it carries. */
interface Told {
  readonly eventType: string
  readonly metadata?: Json
}

function toldBy(own: readonly RunTransition[]): readonly Told[] {
  let reportedBefore: Json | undefined
  return own.flatMap((transition): readonly Told[] => {
    const { from_state: from, to_state: to, metadata } = transition
    const result = from === 'in_progress' ? metadata : reportedBefore
    if (to.endsWith('_for_orchestration')) reportedBefore = metadata
    const withResult = result === undefined ? {} : { metadata: result }
    switch (to) {
      case 'enqueued':
        if (from === 'pending') return [{ eventType: 'STEP_STARTED' }]
        return metadata['order'] === undefined ? [] : [{ eventType: 'STEP_RETRY_REQUESTED' }]
      case 'complete':
        return [{ eventType: 'STEP_SUCCESS', ...withResult }]
      case 'waiting_for_retry':
        return [{ eventType: 'STEP_FAILED', ...withResult }, { eventType: 'STEP_RETRY_TRIGGERED' }]
      case 'error':
        return [{ eventType: 'STEP_FAILED', ...withResult }]
      case 'skipped':
        return [{ eventType: 'STEP_SKIPPED' }]
      case 'resolved_manually':
        return [{ eventType: 'STEP_RESOLVED', metadata }]
      default:
        return []
    }
  })
}

/** With what an erased event had the digest of nothing can be compared any more. */
function isDigestOf(digest: Json | undefined, { event, value, sha256 }: Digested): boolean {
  if (digest === undefined || event.is_erased) return true
  return digest === hexOf(sha256(utf8(canonicalJson(value))))
}

/** Whether a transition's metadata is what erasure leaves of it, and nothing else, which nobody would vouch for. */
const isErased = (metadata: Json): boolean =>
  typeof metadata === 'object' &&
  metadata !== null &&
  'erased_by' in metadata &&
  Object.entries(metadata).every(
    ([key, value]) => Object.hasOwn(leftByErasure, key) && leftByErasure[key]?.(value),
  )

const leftByErasure: Readonly<Record<string, (value: Json) => boolean>> = {
  erased_by: isUuid,
  worker_uuid: isUuid,
  outcome_unknown: (value) => value === true,
  order: (value) => typeof value === 'string',
}

interface Digested {
  readonly event: RunEvent
  readonly value: Json
  readonly sha256: Sha256
}

/** A completed step's output is the one that its worker reported. */
function outputProblem(run: RunRecord, step: RunStep): string | null {
  const last = transitionsOf(run, step).findLast(({ to_state: to }) => to === 'enqueued_for_orchestration')
  const event = last?.metadata['event']
  if (step.status !== 'complete' || last === undefined) return null
  if (isErased(last.metadata))
    return step.output === null ? null : 'it has an output, and its result was erased'
  if (typeof event !== 'object' || event === null) return null
  const reported = (event as { readonly result?: Json }).result ?? null
  return canonicalJson(reported) === canonicalJson(step.output)
    ? null
    : 'its output is not the one that its worker reported'
}

/** Input and output of the execution itself. Erasing an execution takes them with the metadata of its transitions. */
function valueProblem({ execution, events, transitions }: RunRecord, sha256: Sha256): string | null {
  const wereErased = transitions.some(({ metadata }) => isErased(metadata))
  const { input, output } = execution
  const of = (event: RunEvent | undefined, digest: string, value: Json): boolean => {
    if (event === undefined || (wereErased && value === null)) return true
    if (wereErased && event.is_erased) return false
    return isDigestOf(event.details[digest], { event, value, sha256 })
  }
  const started = events.find(({ event_type: type }) => type === 'ORCHESTRATION_STARTED')
  if (!of(started, 'inputDigest', input))
    return 'its input is not the one that ORCHESTRATION_STARTED has the digest of'
  const completed = events.findLast(({ event_type: type }) => type === 'ORCHESTRATION_COMPLETED')
  return of(completed, 'outputDigest', output)
    ? null
    : 'its output is not the one that ORCHESTRATION_COMPLETED has the digest of'
}
