import spinner from 'yocto-spinner'
import type { Surroundings } from './surroundings.ts'
import { terminalOf } from './terminal/terminal.ts'

/** Says that something is under way. */
export interface Progress {
  /** Replaces what is said. */
  readonly say: (text: string) => void
}

/**
 * Does the work, and shows a spinner on standard error while it takes longer than a moment. Nothing is shown
 * where no person looks on.
 */
export async function withProgress<T>(
  text: string,
  surroundings: Surroundings,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const { stderr, env } = surroundings
  if (!terminalOf(stderr, env).interactive || !isStream(stderr)) return await work({ say: () => undefined })
  const shown = spinner({ text, stream: stderr, handleSignals: false })
  const timer = setTimeout(() => shown.start(), patienceMs)
  try {
    return await work({
      say: (next) => {
        shown.text = next
      },
    })
  } finally {
    clearTimeout(timer)
    shown.stop()
  }
}

const patienceMs = 400

const isStream = (output: Surroundings['stderr']): output is NodeJS.WriteStream =>
  'on' in output && 'cursorTo' in output
