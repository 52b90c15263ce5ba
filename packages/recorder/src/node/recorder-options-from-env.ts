import { TrailError } from '@steptrail/event'
import type { RecorderSettings } from '../recorder-options.ts'

/** What the environment says about recording. */
export interface RecorderOptionsFromEnv extends Pick<RecorderSettings, 'enabled' | 'queued' | 'queueEvents'> {
  readonly enabled: boolean
  readonly queued: boolean
  readonly queueEvents: number
  /** Where the spool on disk is to live; undefined where the environment does not say. */
  readonly spoolDirectory: string | undefined
}

/** Where a spool lives that nobody has given a place: under the directory in which the process was started. */
export const defaultSpoolDirectory = './.steptrail/spool'

/**
 * Reads `AUDIT_LOGGING_ENABLED` (default `true`), `AUDIT_LOGGING_ASYNC` (default `true`), `AUDIT_LOGGING_QUEUE_SIZE`
 * (default 1,000) and `STEPTRAIL_SPOOL_DIR`, as options for `openTrail` and `createTrail`. Nothing else reads them: what
 * an application does not pass on has no effect.
 *
 * @throws TrailError `invalid_configuration` that names the variable, its value and what is allowed
 */
export function recorderOptionsFromEnv(
  env: Readonly<Record<string, string | undefined>> = process.env,
): RecorderOptionsFromEnv {
  return {
    enabled: trueOrFalse(env, 'AUDIT_LOGGING_ENABLED'),
    queued: trueOrFalse(env, 'AUDIT_LOGGING_ASYNC'),
    queueEvents: wholeNumber(env, 'AUDIT_LOGGING_QUEUE_SIZE', 1000),
    spoolDirectory: given(env, 'STEPTRAIL_SPOOL_DIR'),
  }
}

type Environment = Readonly<Record<string, string | undefined>>

/** An empty variable is one that is not set. */
function given(env: Environment, variable: string): string | undefined {
  const value = env[variable]?.trim()
  return value === '' ? undefined : value
}

function trueOrFalse(env: Environment, variable: string): boolean {
  const value = given(env, variable) ?? 'true'
  if (/^(?:true|1)$/i.test(value)) return true
  if (/^(?:false|0)$/i.test(value)) return false
  return refuse(variable, value, 'true or false (or 1 or 0)')
}

function wholeNumber(env: Environment, variable: string, otherwise: number): number {
  const value = given(env, variable) ?? String(otherwise)
  const number = Number(value)
  if (/^\d+$/.test(value) && number >= 1 && number <= 10_000_000) return number
  return refuse(variable, value, 'a whole number from 1 to 10000000')
}

function refuse(variable: string, value: string, allowed: string): never {
  throw new TrailError('invalid_configuration', `${variable} is ${JSON.stringify(value)}: give ${allowed}`, {
    details: { variable, value, allowed },
  })
}
