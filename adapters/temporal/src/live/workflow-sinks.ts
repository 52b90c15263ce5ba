import type { InjectedSinks } from '@temporalio/worker'
import { askedInText } from '../history/actor.ts'
import type { TemporalRecorder } from '../record/temporal-recorder.ts'
import type { SteptrailSinks } from '../workflow/workflow-interceptors.ts'

/** What takes from a worker's workflows the word that something happened to them, but not while they are replayed. */
export const workflowSinks = (recorder: TemporalRecorder): InjectedSinks<SteptrailSinks> => ({
  steptrail: {
    noted: {
      fn: ({ workflowId, runId }, what) => recorder.note({ workflowId, runId }, what),
      callDuringReplay: false,
    },
    rejected: {
      fn: ({ workflowId, runId }, { asked, ...update }) =>
        recorder.updateRejected({ workflowId, runId }, { ...update, asked: askedInText(asked) }),
      callDuringReplay: false,
    },
  },
})
