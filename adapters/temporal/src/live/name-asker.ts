import { type Actor, actorProblem, reasonProblem, TrailError } from '@steptrail/event'
import type { Headers, WorkflowClientInterceptor } from '@temporalio/client'
import type { Asked } from '../history/actor.ts'
import { askedField } from '../history/asked-field.ts'
import type { TemporalRecorder } from '../record/temporal-recorder.ts'

/** Who asks, as an application names them. */
export interface Asker {
  readonly actor: Actor
  readonly reason?: string | undefined
}

/**
 * The interceptor of a client by which it is on record who started, signalled, updated, cancelled or terminated a workflow,
 * and why. `asker` is asked each time. The answer goes to Temporal with the request, where the history keeps it; a request
 * to cancel takes none along, so that the recorder puts it on record before Temporal is asked.
 *
 * Its calls throw a TrailError `invalid_input` for an actor or a reason that cannot be on record.
 */
export function nameAsker(recorder: TemporalRecorder, asker: () => Asker): WorkflowClientInterceptor {
  const headers = (before: Headers): Headers => ({ ...before, [askedField]: payloadOf(askedBy(asker())) })
  return {
    startWithDetails: (input, next) => next({ ...input, headers: headers(input.headers) }),
    signal: (input, next) => next({ ...input, headers: headers(input.headers) }),
    signalWithStart: (input, next) => next({ ...input, headers: headers(input.headers) }),
    startUpdate: (input, next) => next({ ...input, headers: headers(input.headers) }),
    startUpdateWithStart: (input, next) =>
      next({
        ...input,
        workflowStartHeaders: headers(input.workflowStartHeaders),
        updateHeaders: headers(input.updateHeaders),
      }),
    terminate: (input, next) =>
      next({ ...input, details: [...(input.details ?? []), { [askedField]: askedBy(asker()) }] }),
    cancel: async (input, next) => {
      await recorder.cancelAsked(input.workflowExecution, askedBy(asker()))
      return await next(input)
    },
  }
}

function askedBy({ actor, reason }: Asker): Asked {
  const problem = actorProblem(actor) ?? (reason === undefined ? null : reasonProblem(reason))
  if (problem !== null)
    throw new TrailError(
      'invalid_input',
      `who asks Temporal cannot be on record: ${problem}. Temporal was not asked`,
      { details: { actor: actor === undefined ? null : { ...actor } } },
    )
  return { actor: { type: actor.type, id: actor.id }, reason: reason ?? null }
}

const utf8 = new TextEncoder()

/** As the default converter makes it, whatever the client's own does: it is no secret, and is read from the history. */
const payloadOf = (value: Asked): Headers[string] => ({
  metadata: { encoding: utf8.encode('json/plain') },
  data: utf8.encode(JSON.stringify(value)),
})
