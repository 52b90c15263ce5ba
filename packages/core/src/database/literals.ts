import pg from 'pg'

/**
 * A statement with its values in the place of `$1`, `$2` and so on, as literals: for COPY, which takes no parameters.
 * The text must have no `$` in a literal of its own.
 *
 * @throws TypeError for a value that is no text, number, null or array of texts
 */
export const withLiterals = (text: string, values: readonly unknown[]): string =>
  text.replaceAll(/\$(\d+)/g, (_, number: string) => literalOf(values[Number(number) - 1]))

function literalOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return pg.escapeLiteral(value)
  if (typeof value === 'number' && Number.isFinite(value)) return value < 0 ? `(${value})` : String(value)
  if (Array.isArray(value) && value.every((each) => typeof each === 'string'))
    return pg.escapeLiteral(`{${value.map(elementOf).join(',')}}`)
  throw new TypeError(
    `a ${typeof value} has no literal here: give a text, a number, null or an array of texts`,
  )
}

const elementOf = (text: string): string => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
