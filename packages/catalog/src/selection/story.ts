import type { StoredExecutionAudit } from '@steptrail/core'
import type { Actor, AuditEvent } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import { gateLabels, type PassageKind } from '@steptrail/workflow'
import { namedOf } from '../explain/explain-recorded.ts'
import type { NamedWorkflow } from '../explain/reason.ts'
import type { SignalContext } from '../match/signal-context.ts'
import { contextOf, isObject, isStep, payloadOf, textOf } from './selection-events.ts'

/** One thing that happened, in words. */
export interface Passage {
  readonly at: string
  readonly kind: PassageKind
  readonly sentence: string
  readonly actor: Actor | null
  /** The event that says so. */
  readonly eventId: string
  readonly executionId: string | null
}

/** The passages of a selection, in order: what was asked and offered, looked at, refused and validated. */
export const passagesOfSelection = (events: readonly AuditEvent[]): readonly Passage[] =>
  events.flatMap((event, index) => {
    const about = { at: event.timestamp, actor: actorOf(event), eventId: event.id, executionId: null }
    return tellings(event, events.slice(0, index)).map((telling) => ({ ...about, ...telling }))
  })

type Telling = Pick<Passage, 'kind' | 'sentence'>

function tellings(event: AuditEvent, before: readonly AuditEvent[]): readonly Telling[] {
  const payload = payloadOf(event)
  if (isStep(event, 'actions_listed'))
    return [...asking(event, before), { kind: 'offered', sentence: offeredActions(payload) }]
  if (isStep(event, 'workflows_listed'))
    return [...asking(event, before), { kind: 'offered', sentence: offeredWorkflows(payload) }]
  const name = nameOf(payload)
  if (isStep(event, 'workflow_retrieved'))
    return event.status === 'SUCCESS'
      ? [{ kind: 'looked_at', sentence: `Looked at ${name}.` }]
      : [
          {
            kind: 'refused',
            sentence: `Tried to look at ${name}, and was refused. ${event.reason ?? ''}`.trim(),
          },
        ]
  if (isStep(event, 'selection_validated')) return [validation(event, payload, name)]
  if (isStep(event, 'search_completed')) return [{ kind: 'searched', sentence: searching(event) }]
  return []
}

/** Said when the situation is another than in the call before. */
function asking(event: AuditEvent, before: readonly AuditEvent[]): readonly Telling[] {
  const said = situationSentence(contextOf(event))
  const last = before.findLast((one) => isStep(one, 'actions_listed') || isStep(one, 'workflows_listed'))
  return last && situationSentence(contextOf(last)) === said ? [] : [{ kind: 'asked', sentence: said }]
}

function offeredActions({ actionTypes, pagination }: Readonly<Record<string, Json>>): string {
  const names = Array.isArray(actionTypes) ? actionTypes.map(textOf) : []
  if (names.length === 0) return 'No action type was offered.'
  return `Offered were the action types ${names.join(', ')}${more(names.length, pagination)}.`
}

function offeredWorkflows(payload: Readonly<Record<string, Json>>): string {
  const workflows = Array.isArray(payload['workflows']) ? payload['workflows'].filter(isObject) : []
  const actionType = textOf(payload['actionType'])
  if (workflows.length === 0) return `For ${actionType} no workflow was offered.`
  const names = workflows.map(
    ({ workflowName, version, finalScore }) =>
      `${textOf(workflowName)} ${textOf(version)} (${Number(finalScore).toFixed(2)})`,
  )
  return `For ${actionType} were offered ${names.join(', ')}${more(names.length, payload['pagination'])}.`
}

function more(shown: number, pagination: Json | undefined): string {
  const total = isObject(pagination) ? Number(pagination['totalCount']) : shown
  return total > shown ? ` (${shown} of ${total})` : ''
}

function validation(event: AuditEvent, payload: Readonly<Record<string, Json>>, name: string): Telling {
  if (payload['securityGateResult'] === 'fail')
    return {
      kind: 'refused',
      sentence: `Tried to choose ${name}, and was refused. ${event.reason ?? ''}`.trim(),
    }
  if (event.status === 'SUCCESS')
    return { kind: 'validated', sentence: `Chose ${name}; its parameters are valid.` }
  const { parameterValidation } = payload
  const errors = isObject(parameterValidation) ? parameterValidation['validationErrors'] : []
  const told = (Array.isArray(errors) ? errors : [])
    .filter(isObject)
    .map(({ path, message }) => [path, message].filter(Boolean).map(textOf).join(' '))
  return {
    kind: 'refused',
    sentence: `Tried to choose ${name} with parameters that are not valid: ${told.join('; ')}.`,
  }
}

function searching({ details }: AuditEvent): string {
  const query = isObject(details?.['query']) ? details['query'] : {}
  const results = isObject(details?.['results']) ? details['results'] : {}
  return `Searched for ${JSON.stringify(query['text'] ?? '')}: ${Number(results['returned'] ?? 0)} of ${Number(results['total_found'] ?? 0)} were returned.`
}

/** The situation in words. */
export function situationSentence(context: SignalContext | null): string {
  if (context === null) return 'Asked without saying anything of the situation.'
  const { customLabels, detectedLabels } = context
  const said = [
    ...gateLabels.map((label) => `${label} ${context[label] ?? 'unknown'}`),
    ...Object.entries(customLabels ?? {}).map(([name, value]) => `${name} ${value}`),
    ...Object.entries(detectedLabels ?? {}).map(([name, value]) => `${name} ${String(value)}`),
  ]
  return `Asked for ${said.join(', ')}.`
}

/** What came of an execution, in words. */
export const outcomeSentence = ({
  workflowName,
  workflowVersion,
  outcome,
  ...audit
}: StoredExecutionAudit): string =>
  [
    `${workflowName} ${workflowVersion} ended: ${outcome}`,
    `${audit.stepsCompleted} of ${audit.totalSteps} steps`,
    ...(audit.effectivenessScore === null ? [] : [`effectiveness ${audit.effectivenessScore}`]),
    ...(audit.errorMessage === null ? [] : [audit.errorMessage]),
  ].join(', ') + '.'

/** The workflow that was chosen last with valid parameters. */
export function chosenOf(
  events: readonly AuditEvent[],
): (NamedWorkflow & { readonly parametersDigest: string | null }) | null {
  const choice = events.findLast(
    (event) => isStep(event, 'selection_validated') && event.status === 'SUCCESS',
  )
  const payload = choice && payloadOf(choice)
  const named = payload && namedOf(payload)
  if (!named) return null
  const digest = payload['parametersDigest']
  return { ...named, parametersDigest: typeof digest === 'string' ? digest : null }
}

function nameOf(payload: Readonly<Record<string, Json>>): string {
  const named = namedOf(payload)
  return named
    ? `${named.workflowName} ${named.version}`
    : `${textOf(payload['workflowId'])}, which is not in the catalogue`
}

const actorOf = ({ actorType, actorId }: AuditEvent): Actor | null =>
  actorType !== null && actorId !== null ? { type: actorType, id: actorId } : null
