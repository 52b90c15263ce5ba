import { proxySinks, type Sinks, type WorkflowInterceptors } from '@temporalio/workflow'

/** What workflows tell of themselves. */
export interface SteptrailSinks extends Sinks {
  readonly steptrail: {
    noted(what: 'began' | 'moved' | 'ended'): void
  }
}

/**
 * The interceptors of workflows, for `interceptors.workflowModules` of a worker: by them its recorder knows which histories
 * to read. They run in the sandbox of the workflow, make no command, and change nothing of what it does.
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
      },
    ],
  }
}
