import { z } from 'zod'

/** The first millisecond that a trail can name: of the year 1. The year 0 and those before it are none to PostgreSQL. */
export const firstInstantMs = Date.parse('0001-01-01T00:00:00.000Z')

/** The last one: of the year 9999. ISO 8601 writes later years with a sign, which PostgreSQL does not read. */
export const lastInstantMs = Date.parse('9999-12-31T23:59:59.999Z')

/** The time, or the first or last one that a trail can name where it lies before or after all of these. */
export const withinInstants = (milliseconds: number): number =>
  Math.min(Math.max(milliseconds, firstInstantMs), lastInstantMs)

/**
 * The schema of an instant that somebody gives: ISO 8601 with its offset, and in UTC of the years 1 to 9999, which
 * PostgreSQL and JavaScript both have. Whoever gives another is told `problem`, or that it is out of these years.
 */
export const instantText = (problem: string) =>
  z.iso
    .datetime({ offset: true, error: problem })
    .refine(isWithinInstants, { error: 'lies outside of the years 1 to 9999 in UTC' })

function isWithinInstants(text: string): boolean {
  const milliseconds = Date.parse(text)
  return withinInstants(milliseconds) === milliseconds
}
