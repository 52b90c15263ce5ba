import type { BinaryRow } from '@steptrail/core'

/** PostgreSQL counts microseconds from the year 2000 on. */
const startOf2000 = 946_684_800_000
const dayMs = 86_400_000
/** Of the years from 1715 to 2285 a number holds each microsecond. */
const mostMicroseconds = Number.MAX_SAFE_INTEGER

/**
 * A `timestamptz` as ISO-8601 with three decimals, as it is read otherwise: further decimals are cut. One beyond what a
 * number holds, which no event has, is its count of microseconds.
 */
export function isoInstant(row: BinaryRow, column: number): string {
  const microseconds = row.bigint(column) as number
  if (Math.abs(microseconds) > mostMicroseconds) return String(microseconds)
  const milliseconds = startOf2000 + Math.floor(microseconds / 1000)
  const day = Math.floor(milliseconds / dayMs)
  if (day !== lastDay.number) {
    lastDay.number = day
    lastDay.text = new Date(day * dayMs).toISOString().slice(0, 11)
  }
  return lastDay.text + timeOf(milliseconds - day * dayMs)
}

/** Events that come one after the other are mostly of one day. */
const lastDay = { number: Number.NaN, text: '' }

function timeOf(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const minutes = Math.floor(seconds / 60)
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}.${three(milliseconds % 1000)}Z`
}

const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
const two = (number: number): string => twoDigits[number] as string
const three = (number: number): string => String(number).padStart(3, '0')
