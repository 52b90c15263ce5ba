import type { Script } from '@steptrail/testkit'
import { proxyActivities } from '@temporalio/workflow'
import { undoOf } from './scripted-names.ts'

/** Does what a script of the conformance suite says, each step an activity. */
export async function scripted(script: Script): Promise<string> {
  const done: string[] = []
  try {
    for (const step of script.steps) {
      // One that is held may lose its worker, and Temporal then makes another attempt.
      await activity(step.name, (step.retries ?? 0) + (step.isHeld ? 2 : 1))(step)
      done.unshift(step.name)
    }
  } catch (error) {
    if (script.undoes) for (const name of done) await activity(undoOf(name), 1)({ name })
    throw error
  }
  return 'done'
}

function activity(name: string, maximumAttempts: number): (step: object) => Promise<string> {
  const activities = proxyActivities<Record<string, (step: object) => Promise<string>>>({
    startToCloseTimeout: '60s',
    heartbeatTimeout: '2s',
    retry: { maximumAttempts, initialInterval: '10ms', backoffCoefficient: 1 },
  })
  const named = activities[name]
  if (!named) throw new Error(`there is no activity ${name}`)
  return named
}
