import { type Actor, type ActorType, actorTypes } from '@steptrail/event'
import { InvalidArgumentError } from 'commander'

/** A whole number as an option's value. */
export function wholeNumber(value: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It is not a whole number.')
}

/** A whole number from 1 on as an option's value. */
export function numberFromOne(value: string): number {
  if (/^\d{1,15}$/.test(value) && Number(value) >= 1) return Number(value)
  throw new InvalidArgumentError('It is not a whole number from 1 on.')
}

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * An instant as an option's value, as ISO 8601 in UTC: given so, as a date, or as an age such as `90s`, `30m`,
 * `12h` or `7d`, counted back from now.
 */
export function instantOf(value: string): string {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(value) ?? []
  const age = Number(count) * (unitsMs[unit ?? ''] ?? Number.NaN)
  const instant = Number.isNaN(age) ? isoInstant(value) : Date.now() - age
  if (Number.isNaN(instant))
    throw new InvalidArgumentError(
      'Give ISO 8601 such as 2025-11-04T10:00:00Z, a date, or an age such as 30m.',
    )
  return new Date(instant).toISOString()
}

/** An instant to come as an option's value, as ISO 8601 in UTC: given so, as a date, or as a time from now such as `90d`. */
export function expiryOf(value: string): string {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(value) ?? []
  const span = Number(count) * (unitsMs[unit ?? ''] ?? Number.NaN)
  const instant = Number.isNaN(span) ? isoInstant(value) : Date.now() + span
  if (instant > Date.now()) return new Date(instant).toISOString()
  throw new InvalidArgumentError('Give a time to come: ISO 8601 such as 2027-11-04T10:00:00Z, or 90d.')
}

/** A date or an instant with its zone; a time without zone could mean two. */
const isoInstant = (value: string): number =>
  /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/.test(value)
    ? Date.parse(value)
    : Number.NaN

/** An actor as an option's value: `user:anna`. */
export function actorOf(value: string): Actor {
  const colon = value.indexOf(':')
  const type = value.slice(0, Math.max(0, colon))
  const id = value.slice(colon + 1)
  if (isActorType(type) && id !== '') return { type, id }
  throw new InvalidArgumentError(`Give TYPE:ID, where TYPE is one of ${actorTypes.join(', ')}.`)
}

const isActorType = (value: string): value is ActorType => actorTypes.some((type) => type === value)
