import { hostname } from 'node:os'
import { CompleteAsyncError, type Context, type Info } from '@temporalio/activity'
import type { ActivityInterceptorsFactory } from '@temporalio/worker'
import type { CountedAttempt, ObservedError, ObservedStep } from '@steptrail/core'
import { reportedError } from '@steptrail/workflow'
import { activityStep, workerOf } from '../history/activity-steps.ts'
import { keyOfActivityId } from '../history/projection.ts'
import { engineExecutionIdOf } from '../history/run.ts'
import type { TemporalRecorder } from '../record/temporal-recorder.ts'
import { retryOf, sentAs } from './retry-of.ts'

/** An attempt that lasts longer is on record while it is under way; of a shorter one that succeeds, its history tells all. */
const recordAfterMs = 25

/** What a worker of the SDK calls itself in histories, unless it is told otherwise. */
const identity = `${process.pid}@${hostname()}`

/**
 * The interceptor of a worker by which each attempt of an activity is seen: its failure is on record before Temporal is
 * told of it, and an attempt that takes longer than 25 ms while it is under way. Of local activities, and of attempts that
 * are cancelled or that somebody else completes, the history tells.
 */
export const recordAttempts =
  (recorder: TemporalRecorder): ActivityInterceptorsFactory =>
  (context) => ({
    inbound: { execute: (input, next) => attempted(recorder, context, () => next(input)) },
  })

async function attempted<Result>(
  recorder: TemporalRecorder,
  { info, cancellationSignal }: Context,
  work: () => Promise<Result>,
): Promise<Result> {
  const { workflowExecution: run, isLocal } = info
  if (isLocal || !run) return await work()
  const startedAt = Date.now()
  const told = { execution: engineExecutionIdOf(run), ...attemptOf(recorder, info) }
  let beginning = Promise.resolve()
  const timer = setTimeout(() => {
    beginning = recorder.observe(run, { ...told, kind: 'attempt_started', at: startedAt })
  }, recordAfterMs)
  try {
    return await work()
  } catch (error) {
    clearTimeout(timer)
    await beginning
    if (error instanceof CompleteAsyncError) throw error
    const at = Date.now()
    const failed = { ...told, kind: 'attempt_failed', at, startedAt, error: errorOf(error) } as const
    if (!cancellationSignal.aborted) await recorder.observe(run, { ...failed, ...retryOf(info, error, at) })
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function attemptOf(
  { options }: TemporalRecorder,
  info: Info,
): { readonly step: ObservedStep; readonly workerUuid: string; readonly counted: CountedAttempt } {
  const { activityId, activityType: name, taskQueue, retryPolicy, attempt } = info
  const facts = {
    key: keyOfActivityId(activityId),
    name,
    taskQueue,
    maximumAttempts: retryPolicy?.maximumAttempts,
  }
  return {
    step: activityStep(facts, options),
    workerUuid: workerOf(identity),
    counted: { number: attempt },
  }
}

/**
 * The type of an application's failure is its code, as it is in its history. Whatever was thrown, reading it throws nothing
 * in its place.
 */
function errorOf(error: unknown): ObservedError {
  const { message } = reportedError(error, { recordStack: false })
  return { message, code: sentAs(error).type || undefined }
}
