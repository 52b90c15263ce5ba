/** The search of an address as plain text by name: what is given twice counts once. */
export const parseSearch = (search: string): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(search))

/** The address's search of these values; what is undefined or empty is left out. */
export function stringifySearch(values: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(values).filter(
    (entry): entry is [string, string | number | boolean] =>
      ['string', 'number', 'boolean'].includes(typeof entry[1]) && entry[1] !== '',
  )
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return search === '' ? '' : `?${search}`
}

/** A text of a search; undefined where there is none. */
export const textOf = (search: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = search[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A word of a search that is one of some; undefined for any other. */
export function wordOf<const Word extends string>(
  search: Readonly<Record<string, unknown>>,
  name: string,
  words: readonly Word[],
): Word | undefined {
  return words.find((word) => word === search[name])
}

/** A whole number of a search; undefined for what is none. */
export function numberOf(search: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const text = textOf(search, name)
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined
}
