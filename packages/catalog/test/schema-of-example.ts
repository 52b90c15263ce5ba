/** Objects whose keys are names that vary: each value is of the type of those printed. */
const maps = new Set(['filters', 'labels', 'boost_breakdown', 'penalty_breakdown'])
/** Keys that are printed for some entries and not for others. */
const optional = new Set(['previous_version', 'version_notes', 'approved_by', 'approved_at'])

/**
 * A JSON Schema made from an example: every printed field with its nesting and its type is required, and further fields
 * are open where the path says so. What is null by decision may be null.
 */
export function schemaOfExample(example: unknown, key = ''): object {
  if (Array.isArray(example))
    return { type: 'array', ...(example.length > 0 && { items: schemaOfExample(example[0]) }) }
  if (typeof example !== 'object' || example === null)
    return {
      type: key.startsWith('embedding_') || optional.has(key) ? [typeof example, 'null'] : typeof example,
    }
  const entries = Object.entries(example)
  if (maps.has(key)) {
    const types = [...new Set(entries.map(([, value]) => typeof value))]
    return { type: 'object', ...(types.length > 0 && { additionalProperties: { type: types } }) }
  }
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, value]) => [name, schemaOfExample(value, name)])),
    required: entries.map(([name]) => name).filter((name) => !optional.has(name)),
    ...(entries.some(([name]) => name === 'payload') && { additionalProperties: false }),
  }
}
