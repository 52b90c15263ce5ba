import type { Service } from './worker-of.ts'

/** A worker at work in a process or a thread of its own. */
export interface RunningWorker {
  readonly service: Service
  /** The id under which its attempts are on record. */
  readonly workerUuid: string
  /** What a person may call it, such as `process 4711`. */
  readonly place: string
  /** Ends it at once, as a power cut does: it finishes nothing, reports nothing, gives nothing back. */
  kill(): Promise<void>
  /** Lets it finish what it does, and ends it. */
  close(): Promise<void>
}

/** What a worker says to whoever started it. */
export type WorkerMessage =
  | { readonly kind: 'started'; readonly workerUuid: string }
  | { readonly kind: 'failed'; readonly message: string }

/** What it is told. */
export interface CloseMessage {
  readonly kind: 'close'
}

/** Whether it is a worker's message. */
export function isWorkerMessage(value: unknown): value is WorkerMessage {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    (value.kind === 'started' || value.kind === 'failed')
  )
}

/** The error of a worker that did not start. */
export const didNotStart = (service: Service, why: string): Error =>
  new Error(`the worker of ${service} did not start: ${why}`)

/** The file of a worker's program: TypeScript beside TypeScript, JavaScript beside what was built. */
export const programFile = (name: string, from: string): URL =>
  new URL(`./${name}${from.endsWith('.ts') ? '.ts' : '.js'}`, from)
