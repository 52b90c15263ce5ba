import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/**
 * Draws the executions on standard output, as `steptrail executions show` does, on the database that the variables
 * of this process name.
 */
export async function drawTimelines(executionIds: readonly string[]): Promise<void> {
  const command = fileURLToPath(import.meta.resolve('steptrail/bin/steptrail.js'))
  for (const executionId of executionIds) {
    process.stdout.write('\n')
    const child = spawn(process.execPath, [command, 'executions', 'show', executionId], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const [code] = (await once(child, 'close')) as readonly unknown[]
    if (code !== 0) throw new Error(`steptrail executions show ${executionId} ended with ${String(code)}`)
  }
}
