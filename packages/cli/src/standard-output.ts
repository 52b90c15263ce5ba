import { once } from 'node:events'
import { TrailError } from '@steptrail/event'
import type { Output } from './surroundings.ts'

/** Writes to an output, no faster than it is read, and for as long as somebody does. */
export async function putOut(output: Output, chunk: string | Uint8Array, left?: AbortSignal): Promise<void> {
  if (output.write(chunk) !== false || !('once' in output)) return
  try {
    await once(output as NodeJS.WriteStream, 'drain', { signal: left })
  } catch (error) {
    if (!left?.aborted) throw error
  }
}

/**
 * Bytes that are no text go to a file or to another program, and not onto somebody's screen.
 *
 * @throws TrailError `invalid_configuration`
 */
export function requireNoTerminal({ isTTY }: Output, what: string, option: string): void {
  if (isTTY)
    throw new TrailError(
      'invalid_configuration',
      `${what} is no text, and standard output is a terminal: name a file with ${option} FILE, or pass it on with \`>\` or \`|\``,
    )
}
