import { historyEnums } from '../history/history-enums.ts'

/**
 * A history as a client of Temporal gives it, as JSON: the form in which tools export it, as far as it is read. Made here,
 * since what the SDK has for it fails where an application has two versions of protobufjs.
 */
export function historyAsJson(history: unknown): unknown {
  return converted(history, '')
}

function converted(value: unknown, field: string): unknown {
  if (typeof value === 'number') return nameOf(value, field) ?? value
  if (typeof value !== 'object' || value === null) return value ?? undefined
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map((each) => converted(each, field))
  if (isLong(value)) return String(BigInt.asUintN(64, (BigInt(value.high) << 32n) | BigInt(value.low >>> 0)))
  if (field === 'eventTime') return instantOf(value)
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== null && each !== undefined)
      .map(([name, each]) => [name, converted(each, name)]),
  )
}

const nameOf = (value: number, field: string): string | undefined =>
  Object.hasOwn(historyEnums, field) ? historyEnums[field as keyof typeof historyEnums][value] : undefined

/** A number of 64 bits, in the form of the package `long`. */
const isLong = (value: object): value is { readonly low: number; readonly high: number } =>
  'low' in value && 'high' in value && 'unsigned' in value

function instantOf(value: object): string | undefined {
  const { seconds = 0, nanos = 0 } = value as { readonly seconds?: unknown; readonly nanos?: unknown }
  const ms = Number(converted(seconds, 'seconds')) * 1_000 + Math.floor(Number(nanos) / 1_000_000)
  return Number.isFinite(ms) ? new Date(ms).toISOString() : undefined
}
