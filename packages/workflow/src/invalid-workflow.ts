import { TrailError } from '@steptrail/event'

/** What is wrong with a definition. */
export interface DefinitionFault {
  readonly workflow: unknown
  /** The step; absent when the workflow itself is at fault. */
  readonly step?: unknown
  /** The option, as its author writes it: `retry.backoff.delayMs`. */
  readonly option: string
  readonly value: unknown
  /** What it must be, to go on after "give" or "must be": `a whole number from 1 to 100`. */
  readonly allowed: string
}

/** The error `invalid_workflow` for a fault: it names workflow, step, option and value, and what is allowed. */
export function invalidWorkflow(fault: DefinitionFault, cause?: unknown): TrailError {
  const where = fault.step === undefined ? '' : `, step ${shown(fault.step)}`
  const message = `workflow ${shown(fault.workflow)}${where}: ${fault.option} is ${shown(fault.value)}; it must be ${fault.allowed}`
  const details = {
    workflow: shown(fault.workflow),
    ...(fault.step !== undefined && { step: shown(fault.step) }),
    option: fault.option,
    value: shown(fault.value),
    allowed: fault.allowed,
  }
  return new TrailError('invalid_workflow', message, cause === undefined ? { details } : { details, cause })
}

/** A value as text for a message, short, and without running code of the value's own. */
function shown(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 120 ? `${value.slice(0, 117)}...` : value)
  if (Array.isArray(value))
    return `[${value.slice(0, 10).map(shown).join(', ')}${value.length > 10 ? ', ...' : ''}]`
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}
