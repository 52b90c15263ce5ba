import { createInterface } from 'node:readline'
import { BullmqSteps } from '@steptrail/bullmq'
import type { Script, ScriptedStep } from '@steptrail/testkit'
import { type Job, UnrecoverableError } from 'bullmq'
import { classesFor, connectionTo } from './classes.ts'

/**
 * An application on BullMQ that does what scripts say: `scripted-app.ts URL [held]`. Reads orders from stdin, a line each,
 * as JSON; with `held`, steps that are to be held wait until they are cancelled, or the process ends.
 */
const [url, held] = process.argv.slice(2)
if (url === undefined) throw new Error('give the URL of the server of BullMQ')

/** The data of a job: what it is to do, and, as BullMQ has it for jobs of several steps, what of it is done. */
interface Scripted {
  readonly script: Script
  readonly done: readonly string[]
  readonly attempts: Readonly<Record<string, number>>
}

const complain = (message: string, cause: unknown) =>
  void process.stderr.write(`${message}: ${String(cause)}\n`)
const say = (...words: readonly unknown[]) => void process.stdout.write(`${words.join(' ')}\n`)
const steps = new BullmqSteps({ url, serviceName: 'scripted', onTrouble: complain })
const { Queue, Worker } = classesFor(url)
const connection = connectionTo(url, 4)
const queue = new Queue<Scripted>('scripts', { connection })

const untilAborted = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new UnrecoverableError('cancelled')))
  })

async function perform(
  job: Job<Scripted>,
  step: ScriptedStep,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { name, failures = 0, retries = 0, isHeld = false } = step
  const attempt = (job.data.attempts[name] ?? 0) + 1
  await job.updateData({ ...job.data, attempts: { ...job.data.attempts, [name]: attempt } })
  say('attempt', job.id, name, attempt)
  if (isHeld && held !== undefined) await untilAborted(signal)
  if (attempt > failures) return `${name} is done`
  const message = `${name} failed in attempt ${attempt}`
  throw attempt > retries ? new UnrecoverableError(message) : new Error(message)
}

const undo = (job: Job<Scripted>, name: string) =>
  steps.run(job, () => Promise.resolve(`${name} is undone`), { name: `undo ${name}`, undoes: name })

const processor = steps.processor<Scripted, string, string>(async (job, _token, signal) => {
  const { script } = job.data
  try {
    for (const step of script.steps.filter(({ name }) => !job.data.done.includes(name))) {
      await steps.run(job, () => perform(job, step, signal), { name: step.name })
      await job.updateData({ ...job.data, done: [step.name, ...job.data.done] })
    }
  } catch (error) {
    if (script.undoes && error instanceof UnrecoverableError)
      for (const name of job.data.done) await undo(job, name)
    throw error
  }
  return 'done'
})

const worker = new Worker<Scripted, string>('scripts', processor, {
  connection,
  name: 'scripted-worker',
  concurrency: 8,
  lockDuration: 400,
  stalledInterval: 300,
  settings: { backoffStrategy: () => 10 },
})
worker.on('error', (error) => complain('the worker is in trouble', error))
worker.on('completed', (job) => say('ended', job.id))
worker.on('failed', (job) => say('ended', job?.id))
await worker.waitUntilReady()
say('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const { start, script, cancel } = JSON.parse(line) as { start?: string; script?: Script; cancel?: string }
  if (start !== undefined && script !== undefined) {
    const attempts = 1 + Math.max(...script.steps.map(({ retries = 0 }) => retries))
    const job = await queue.add(
      'script',
      { script, done: [], attempts: {} },
      { jobId: start, attempts, backoff: { type: 'custom' } },
    )
    say('added', start, job.timestamp)
  }
  if (cancel !== undefined) worker.cancelJob(cancel)
}
await worker.close()
await queue.close()
await steps.close()
