/** Deeper than this, lines are mostly indentation: of 1,000 levels, 256 KB would become 240 MB. */
const deepestIndented = 32

/** A JSON value as text: on lines that are indented, unless it is nested so deep that these would be very much longer. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, null, isDeeper(value, deepestIndented) ? 0 : 2) ?? 'undefined'

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1)))
