import { engineOf } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import type { ExecutionSnapshot } from '@steptrail/workflow'

/**
 * Lets nothing be decided here of an execution that another engine runs: neither by an order nor by what a worker reports.
 *
 * @throws TrailError `order_refused`
 */
export function requireOurs({ executionId, definition }: ExecutionSnapshot): void {
  const engine = engineOf(definition)
  if (engine === null) return
  throw new TrailError(
    'order_refused',
    `Execution ${executionId} is run by ${engine}, and is only on record here: order it there. Nothing was changed.`,
    { details: { executionId, engine } },
  )
}
