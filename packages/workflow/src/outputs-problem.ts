import type { Json } from '@steptrail/verify'
import { jsonBytes } from './json-bytes.ts'
import { workflowLimits as limits } from './limits.ts'
import type { ExecutionSnapshot } from './snapshot.ts'

/**
 * Why a step cannot have this output beside those of the others; null where it can. Each claim carries the outputs of
 * all ancestors, and each decision reads them, so their sum is limited as each of them is.
 */
export function outputsProblem(
  { steps }: Pick<ExecutionSnapshot, 'steps'>,
  stepId: string,
  output: Json,
): string | null {
  const given = steps.filter((step) => step.stepId !== stepId && step.output !== null)
  if ((given.length + 1) * limits.outputBytes <= limits.outputsBytes) return null
  const bytes = given.reduce((total, step) => total + jsonBytes(step.output), jsonBytes(output))
  return bytes <= limits.outputsBytes
    ? null
    : `the outputs of the execution would take ${bytes} bytes with it, and ${limits.outputsBytes} are allowed`
}
