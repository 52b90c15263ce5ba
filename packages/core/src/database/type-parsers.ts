import { type CustomTypesConfig, types } from 'pg'

type Parse = (text: string) => unknown

const asText: Parse = (text) => text

/** A `bigint` as a number. Throws for one that a number cannot hold exactly. */
export function parseBigint(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value)) return value
  throw new RangeError(`bigint ${text} is beyond ±(2^53 − 1): select it as text`)
}

/**
 * PostgreSQL's text of a `timestamptz` in a UTC session as ISO-8601 with three decimals; further decimals are cut.
 * `infinity`, `-infinity` and years outside 0 to 9999 stay as PostgreSQL writes them.
 */
export function parseTimestamptz(text: string): string {
  const match = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?\+00$/.exec(text)
  if (!match) return text
  return `${match[1]}T${match[2]}.${(match[3] ?? '').padEnd(3, '0').slice(0, 3)}Z`
}

const parseTextArray = types.getTypeParser(1009 as number) as (text: string) => (string | null)[]

const arrayOf =
  (parse: Parse): Parse =>
  (text) =>
    parseTextArray(text).map((element) => (element === null ? null : parse(element)))

const parsers: ReadonlyMap<number, Parse> = new Map([
  [types.builtins.INT8, parseBigint],
  [types.builtins.TIMESTAMPTZ, parseTimestamptz],
  [types.builtins.TIMESTAMP, asText],
  [types.builtins.DATE, asText],
  [types.builtins.INTERVAL, asText],
  [1016, arrayOf(parseBigint)],
  [1185, arrayOf(parseTimestamptz)],
  [1115, parseTextArray],
  [1182, parseTextArray],
  [1187, parseTextArray],
])

const getTypeParser = ((oid: number, format?: 'text' | 'binary') => {
  const parse = format === 'binary' ? undefined : parsers.get(oid)
  return parse ?? (types.getTypeParser(oid, format) as Parse)
}) as typeof types.getTypeParser

/** How values become JavaScript's; see `Query`. Given to each pool, so that other users of `pg` keep their own. */
export const typeParsers: CustomTypesConfig = { getTypeParser }
