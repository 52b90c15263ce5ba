import type { ReportedResult, Result } from '@steptrail/workflow'
import { reportedError, storedJson, workflowLimits } from '@steptrail/workflow'

/**
 * What deciding is given of a worker's result. A worker is another program: an output that the database could
 * not store, or that is too large, makes the attempt a failed one that says so, and error texts are cut to
 * their limits, so that no result can stop the decisions on other executions.
 */
export function reportedResult(result: Result): ReportedResult {
  const executionTimeMs = wholeMilliseconds(result.executionTimeMs)
  if (!result.success) {
    return { success: false, executionTimeMs, error: reportedError(result.error, { recordStack: true }) }
  }
  const stored = storedJson(result.output, workflowLimits.outputBytes)
  if (stored.ok) return { success: true, executionTimeMs, output: stored.json }
  const message = `The output cannot be stored: ${stored.problem}`
  return { success: false, executionTimeMs, error: { code: 'invalid_output', message } }
}

const wholeMilliseconds = (value: number): number =>
  Number.isFinite(value) ? Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(value))) : 0
