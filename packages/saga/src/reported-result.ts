import type { Json } from '@steptrail/verify'
import type { ReportedError, ReportedResult, Result } from '@steptrail/workflow'
import { findUnstorable } from '@steptrail/event'
import { sagaLimits } from './limits.ts'

/**
 * What deciding is given of a worker's result. A worker is another program: an output that the database could
 * not store, or that is too large, makes the attempt a failed one that says so, and error texts are cut to
 * their limits, so that no result can stop the decisions on other executions.
 */
export function reportedResult(result: Result): ReportedResult {
  const executionTimeMs = Math.max(0, Math.round(Number(result.executionTimeMs) || 0))
  if (!result.success) return { success: false, executionTimeMs, error: boundedError(result.error) }
  const unfit = unfitOutput(result.output)
  return unfit === null
    ? { success: true, executionTimeMs, output: result.output }
    : { success: false, executionTimeMs, error: { code: 'invalid_output', message: unfit } }
}

function unfitOutput(output: Json): string | null {
  const unstorable = findUnstorable(output)
  if (unstorable) return `The step's output cannot be stored: ${unstorable}`
  const bytes = Buffer.byteLength(JSON.stringify(output))
  return bytes > sagaLimits.outputBytes
    ? `The step's output has ${bytes} bytes; at most ${sagaLimits.outputBytes} are allowed. Store it elsewhere and return where.`
    : null
}

function boundedError(error: ReportedError): ReportedError {
  const { message, code, reason, stack } = error
  return {
    message: storable(message, sagaLimits.errorMessageLength),
    ...(code !== undefined && { code: storable(code, sagaLimits.errorCodeLength) }),
    ...(reason !== undefined && { reason: storable(reason, sagaLimits.errorMessageLength) }),
    ...(stack !== undefined && { stack: storable(stack, sagaLimits.stackLength) }),
  }
}

const storable = (text: string, limit: number): string => {
  const clean = text.replaceAll('\u0000', '\uFFFD').toWellFormed()
  return clean.length <= limit ? clean : `${clean.slice(0, limit - 1).toWellFormed()}…`
}
