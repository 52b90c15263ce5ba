import { proxySinks, type Sinks, type WorkflowInterceptors } from '@temporalio/workflow'
import { askedField } from '../history/asked-field.ts'
import { type ToldError, toldError } from './told-error.ts'

/** What a workflow tells of an update that it rejected. */
export interface ToldRejection {
  readonly id: string
  readonly name: string
  /** Who asked, as the client's interceptor has sent it; null when that is not there. */
  readonly asked: string | null
  readonly error: ToldError
}

/** What workflows tell of themselves. */
export interface SteptrailSinks extends Sinks {
  readonly steptrail: {
    noted(what: 'began' | 'moved' | 'updated' | 'ended'): void
    rejected(update: ToldRejection): void
  }
}

/**
 * The interceptors of workflows, for `interceptors.workflowModules` of a worker: by them its recorder knows which histories
 * to read, and which updates were rejected, of which histories keep nothing. They run in the sandbox of the workflow, make
 * no command, and change nothing of what it does.
 */
export function interceptors(): WorkflowInterceptors {
  const { steptrail } = proxySinks<SteptrailSinks>()
  return {
    inbound: [
      {
        async execute(input, next) {
          steptrail.noted('began')
          try {
            return await next(input)
          } finally {
            steptrail.noted('ended')
          }
        },
        async handleSignal(input, next) {
          steptrail.noted('moved')
          await next(input)
        },
        validateUpdate(input, next) {
          try {
            next(input)
          } catch (error) {
            const { updateId: id, name, headers } = input
            const data = headers[askedField]?.data
            const asked = data ? new TextDecoder().decode(data) : null
            steptrail.rejected({ id, name, asked, error: toldError(error) })
            throw error
          }
        },
        async handleUpdate(input, next) {
          steptrail.noted('updated')
          try {
            return await next(input)
          } finally {
            steptrail.noted('updated')
          }
        },
      },
    ],
  }
}
