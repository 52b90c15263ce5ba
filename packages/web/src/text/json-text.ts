/** Characters of indentation that are few for any value. */
const fewCharacters = 32_000

/**
 * A JSON value as text: on lines that are indented, unless the indentation would be longer than the value itself and
 * more than a little, as that of what is nested deep, or of very many values in a few levels. Of 1,000 levels, 256 KB
 * would become 240 MB.
 */
export function jsonText(value: unknown): string {
  const inOneLine = JSON.stringify(value)
  if (inOneLine === undefined) return 'undefined'
  const room = Math.max(fewCharacters, inOneLine.length)
  return indentation(value, 0, room) > room ? inOneLine : JSON.stringify(value, null, 2)
}

/** Characters that the indentation of a value adds; no longer counted when they are more than there is room for. */
function indentation(value: unknown, level: number, room: number): number {
  if (typeof value !== 'object' || value === null) return 0
  const parts = Object.values(value)
  const line = 1 + 2 * (level + 1)
  // A line for each part and one for the end, and a space after each name.
  let added = parts.length === 0 ? 0 : parts.length * line + line - 2
  if (!Array.isArray(value)) added += parts.length
  for (const part of parts) {
    if (added > room) return added
    added += indentation(part, level + 1, room - added)
  }
  return added
}
