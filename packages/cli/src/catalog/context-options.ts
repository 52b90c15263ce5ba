import type { SignalContext } from '@steptrail/catalog'
import { type Command, InvalidArgumentError } from 'commander'

/** Flags that say what the situation is. */
export interface ContextFlags {
  readonly severity?: string
  readonly component?: string
  readonly environment?: string
  readonly priority?: string
  readonly label?: Readonly<Record<string, string>>
  readonly detected?: Readonly<Record<string, boolean>>
}

/** Adds the options that say what the situation is. */
export const withContext = (command: Command): Command =>
  command
    .option('--severity <value>', 'how serious it is, such as critical')
    .option('--component <value>', 'what it is about, such as deployment')
    .option('--environment <value>', 'where it is, such as production')
    .option('--priority <value>', 'how urgent it is, such as P0')
    .option('--label <name=value>', 'a further label; may be repeated', addLabel)
    .option('--detected <name=true|false>', 'what was detected; may be repeated', addDetected)

/** The situation, of the flags. */
export const contextOfFlags = (flags: ContextFlags): SignalContext => ({
  severity: flags.severity,
  component: flags.component,
  environment: flags.environment,
  priority: flags.priority,
  customLabels: flags.label,
  detectedLabels: flags.detected,
})

/** Whether any of them is given. */
export const saysContext = (flags: ContextFlags): boolean =>
  Object.values(contextOfFlags(flags)).some((value) => value !== undefined)

function pairOf(given: string): readonly [name: string, value: string] {
  const equals = given.indexOf('=')
  if (equals > 0 && equals < given.length - 1) return [given.slice(0, equals), given.slice(equals + 1)]
  throw new InvalidArgumentError('Give NAME=VALUE.')
}

function addLabel(
  given: string,
  labels: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [name, value] = pairOf(given)
  return { ...labels, [name]: value }
}

function addDetected(
  given: string,
  labels: Readonly<Record<string, boolean>> = {},
): Readonly<Record<string, boolean>> {
  const [name, value] = pairOf(given)
  if (value === 'true' || value === 'false') return { ...labels, [name]: value === 'true' }
  throw new InvalidArgumentError('Give NAME=true or NAME=false; leave out what is not known.')
}
