import { readFile } from 'node:fs/promises'
import { signalIfThere } from './signal-if-there.ts'

/**
 * Sends a signal to a process and to those that it has started; to itself first, so that it starts no other meanwhile.
 *
 * @throws Error where there is no /proc, which tells what it has started: on anything but Linux.
 */
export async function signalAll(pid: number, signal: NodeJS.Signals): Promise<void> {
  process.kill(pid, signal)
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  for (const child of children.split(' ').filter(Boolean)) signalIfThere(Number(child), signal)
}
