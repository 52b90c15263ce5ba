import { folded } from '../content/label-text.ts'

/** The trigrams of a text: of each word, with two spaces before it and one behind it, every three letters in a row. */
export function trigramsOf(text: string): ReadonlySet<string> {
  const trigrams = new Set<string>()
  for (const [word] of folded(text).matchAll(/[\p{L}\p{N}]+/gu)) {
    const letters = Array.from(`  ${word} `)
    for (let start = 0; start + 3 <= letters.length; start += 1)
      trigrams.add(letters.slice(start, start + 3).join(''))
  }
  return trigrams
}

/** How much of a query is in a text: the share of its trigrams that the text has, from 0 to 1. */
export function shareOfTrigrams(query: ReadonlySet<string>, text: ReadonlySet<string>): number {
  if (query.size === 0) return 0
  let shared = 0
  for (const trigram of query) if (text.has(trigram)) shared += 1
  return shared / query.size
}
