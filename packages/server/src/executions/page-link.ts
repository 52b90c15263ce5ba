/** The header that names the next page of a bare array. */
export function nextLink(url: URL, cursor: string | null): Readonly<Record<string, string>> {
  if (cursor === null) return {}
  const query = new URLSearchParams(url.searchParams)
  query.set('cursor', cursor)
  return { link: `<${url.pathname}?${query.toString()}>; rel="next"` }
}
