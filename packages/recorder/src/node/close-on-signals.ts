import { checkDeadline } from '../settings.ts'

/** What is closed when the process is to end: a recorder, or a trail. */
export interface Closable {
  close(options: { readonly deadlineMs?: number | undefined }): Promise<unknown>
}

/** How signals are answered. */
export interface CloseOnSignalsOptions {
  /** Default: `SIGTERM` and `SIGINT`. */
  readonly signals?: readonly NodeJS.Signals[] | undefined
  /** How long the sink has to take what is left, in milliseconds, at most 2,147,483,647. Default 5,000. */
  readonly deadlineMs?: number | undefined
  /** The process that gets the signals. Default: this one. */
  readonly process?: Pick<NodeJS.Process, 'on' | 'off' | 'kill' | 'pid'> | undefined
}

/**
 * Closes a recorder or a trail when the process is told to end, and then lets it end by the same signal, as it would
 * have at once; where several are closed so, the last of them does. A second signal ends it without waiting. Returns
 * what takes the handlers away again.
 *
 * @throws TrailError `invalid_configuration` for a deadline that is none
 */
export function closeOnSignals(closable: Closable, options: CloseOnSignalsOptions = {}): () => void {
  const { signals = ['SIGTERM', 'SIGINT'], deadlineMs } = options
  checkDeadline(deadlineMs)
  const receiver = options.process ?? process
  const remove = (): void => {
    for (const signal of signals) receiver.off(signal, end)
  }
  const end = (signal: NodeJS.Signals): void => {
    remove()
    const closing = closingOf(receiver)
    const closed = closable.close({ deadlineMs })
    closing.add(closed)
    const endBySignal = (): void => {
      closing.delete(closed)
      if (closing.size === 0) receiver.kill(receiver.pid, signal)
    }
    closed.then(endBySignal, endBySignal)
  }
  for (const signal of signals) receiver.on(signal, end)
  return remove
}

type Receiver = NonNullable<CloseOnSignalsOptions['process']>

/** What is being closed, since a process was told to end: it must not end under what is not done yet. */
const closingIn = new WeakMap<Receiver, Set<Promise<unknown>>>()

function closingOf(receiver: Receiver): Set<Promise<unknown>> {
  const closing = closingIn.get(receiver) ?? new Set()
  closingIn.set(receiver, closing)
  return closing
}
