import { BullmqRecorder } from '@steptrail/bullmq'
import { openDatabase } from '@steptrail/core'
import { DbosRecorder } from '@steptrail/dbos'
import { serve } from '../child.ts'

/**
 * Puts what an engine does on record while it does it: `recorder-program.ts ENGINE ENGINE_URL TRAIL_URL
 * EVENTS`. To any request it answers, when all is on record, how many executions are with so many events.
 */
const [engine, url, trail, events] = process.argv.slice(2)
if (url === undefined || trail === undefined) throw new Error('give an engine and the URLs of two databases')

const database = await openDatabase({ url: trail, maxConnections: 2 })
const options = {
  url,
  onTrouble: (message: string, cause: unknown) =>
    void process.stderr.write(`Error: ${message}: ${String(cause)}\n`),
}
const recorder =
  engine === 'dbos' ? new DbosRecorder(database, options) : new BullmqRecorder(database, options)
recorder.start()
serve(
  async () => {
    while ((await recorder.recordAll()) > 0);
    const { rows } = await database.query<{ complete: number }>(selectComplete, [Number(events)])
    return rows[0]?.complete ?? 0
  },
  async () => {
    await recorder.close()
    await database.close()
  },
)

/** Executions that have ended, with so many events. */
const selectComplete = `
select count(*) as complete
from workflow_executions as execution
where status = 'completed'
  and next_seq = $1 + 1
  and (select count(*) from audit_event as event where event.execution_id = execution.execution_id::text) = $1`
