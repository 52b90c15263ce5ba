import { createInterface } from 'node:readline'
import { DBOS } from '@dbos-inc/dbos-sdk'
import { DbosSteps } from '@steptrail/dbos'
import type { ScriptedStep, Script } from '@steptrail/testkit'

/**
 * An application on DBOS that does what scripts say: `scripted-app.ts URL [held]`. Reads orders from stdin, a line each,
 * as JSON; with `held`, steps that are to be held wait until the process ends.
 */
const [url, held] = process.argv.slice(2)
if (url === undefined) throw new Error('give the URL of the database of DBOS')

const complain = (message: string, cause: unknown) =>
  void process.stderr.write(`${message}: ${String(cause)}\n`)
const steps = new DbosSteps({ url, serviceName: 'scripted', onTrouble: complain })
const say = (...words: readonly unknown[]) => void process.stdout.write(`${words.join(' ')}\n`)

async function perform({ name, failures = 0, isHeld = false }: ScriptedStep): Promise<string> {
  const attempt = DBOS.stepStatus?.currentAttempt ?? 1
  say('attempt', DBOS.workflowID, name, attempt)
  if (isHeld && held !== undefined) await new Promise(() => setInterval(() => undefined, 1_000))
  if (attempt <= failures) throw new Error(`${name} failed in attempt ${attempt}`)
  return `${name} is done`
}

const run = (step: ScriptedStep) =>
  steps.run(() => perform(step), {
    name: step.name,
    retriesAllowed: (step.retries ?? 0) > 0,
    maxAttempts: (step.retries ?? 0) + 1,
    intervalSeconds: 0.01,
    backoffRate: 1,
  })

const undo = ({ name }: ScriptedStep) =>
  steps.run(() => Promise.resolve(`${name} is undone`), { name: `undo ${name}`, undoes: name })

const scripted = DBOS.registerWorkflow(
  async (script: Script) => {
    const done: ScriptedStep[] = []
    try {
      for (const step of script.steps) {
        await run(step)
        done.unshift(step)
      }
    } catch (error) {
      if (script.undoes) for (const step of done) await undo(step)
      throw error
    }
    return 'done'
  },
  { name: 'scripted' },
)

DBOS.setConfig({ name: 'scripted-app', applicationVersion: '1.0', systemDatabaseUrl: url, logLevel: 'error' })
await DBOS.launch()
say('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const { start, script, cancel } = JSON.parse(line) as { start?: string; script?: Script; cancel?: string }
  if (start !== undefined && script !== undefined) {
    const handle = await DBOS.startWorkflow(scripted, { workflowID: start, authenticatedUser: 'anna' })(
      script,
    )
    void handle.getResult().then(
      () => say('ended', start),
      () => say('ended', start),
    )
  }
  if (cancel !== undefined) await DBOS.cancelWorkflow(cancel)
}
await DBOS.shutdown()
await steps.close()
process.exit(0)
