import { type AuditEvent, eventColumns } from '@steptrail/event'

/** Columns that are exported: all of the record but the salt, without which a commitment could be guessed. */
const columns = eventColumns.filter(({ key }) => key !== 'salt')

/** With the mark by which spreadsheets know UTF-8, the names of the columns. */
export const csvHeader = `\ufeff${columns.map(({ column }) => column).join(',')}\r\n`

/** An event as a line of CSV (RFC 4180). */
export const csvLine = (event: AuditEvent): string =>
  `${columns.map(({ key }) => csvCell(event[key])).join(',')}\r\n`

/** The last line: how many events there are, and the SHA-256 of all bytes before this line. */
export const csvTrailer = (count: number, sha256: string): string =>
  `${[`# ${count} events`, `sha256 ${sha256}`, ...columns.slice(2).map(() => '')].join(',')}\r\n`

/**
 * A value as a cell. Text that a spreadsheet would take for a formula gets an apostrophe in front, which spreadsheets
 * take for "this is text".
 */
function csvCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const safe = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(text) ? `'${text}` : text
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
