import { canonicalJson, storedDetails } from '@steptrail/verify'

/**
 * The canonical JSON of `details` from the text in which PostgreSQL gives a `jsonb`: that of `storedDetails`. What is
 * plain is only put into order, which costs a fraction of making the value.
 */
export const canonicalDetails = (text: string): string =>
  (text.includes('\\') ? null : new PlainJson(text).canonical()) ?? canonicalJson(storedDetails(text))

/** Beyond so many keys or levels a value is not plain. */
const mostKeys = 32
const deepest = 32
/** Characters of a number that a double holds whatever its digits are. */
const longestNumber = 15

/**
 * A walk through the text of a `jsonb` without escapes. PostgreSQL writes strings as canonical JSON does, and white
 * space only after a comma or a colon; keys it sorts by length. Each method gives the canonical text of what is next,
 * or null where that is not plain.
 */
class PlainJson {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  canonical(): string | null {
    const value = this.#value(0)
    return this.#at === this.#text.length ? value : null
  }

  #value(depth: number): string | null {
    switch (this.#text.charCodeAt(this.#at)) {
      case quote:
        return this.#string()
      case openBrace:
        return depth < deepest ? this.#object(depth + 1) : null
      case openBracket:
        return depth < deepest ? this.#array(depth + 1) : null
      default:
        return this.#word()
    }
  }

  /** With its quotes. */
  #string(): string | null {
    const start = this.#at
    const end = this.#text.indexOf('"', start + 1)
    if (end < 0) return null
    this.#at = end + 1
    return this.#text.slice(start, end + 1)
  }

  #object(depth: number): string | null {
    const keys: string[] = []
    const values: string[] = []
    this.#at += 1
    while (this.#text.charCodeAt(this.#at) !== closeBrace) {
      if (keys.length > 0) this.#at += 2
      const key = this.#string()
      this.#at += 2
      const value = this.#value(depth)
      if (key === null || value === null || keys.length === mostKeys) return null
      insertSorted({ keys, values }, key.slice(1, -1), value)
    }
    this.#at += 1
    let text = ''
    for (let place = 0; place < keys.length; place++)
      text += `${place === 0 ? '' : ','}"${keys[place] as string}":${values[place] as string}`
    return `{${text}}`
  }

  #array(depth: number): string | null {
    let text = ''
    this.#at += 1
    while (this.#text.charCodeAt(this.#at) !== closeBracket) {
      if (text !== '') this.#at += 2
      const value = this.#value(depth)
      if (value === null) return null
      text += text === '' ? value : `,${value}`
    }
    this.#at += 1
    return `[${text}]`
  }

  /** A number, `true`, `false` or `null`. */
  #word(): string | null {
    const start = this.#at
    let end = start
    while (end < this.#text.length && !isEnd(this.#text.charCodeAt(end))) end += 1
    this.#at = end
    const word = this.#text.slice(start, end)
    if (word === 'true' || word === 'false' || word === 'null') return word
    if (!plainNumber.test(word) || word.length > longestNumber) return null
    return word.includes('.') ? String(Number(word)) : word
  }
}

const [quote, openBrace, closeBrace, openBracket, closeBracket, comma] = [34, 123, 125, 91, 93, 44]
const plainNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/

const isEnd = (code: number): boolean => code === comma || code === closeBrace || code === closeBracket

/** From the end, since most keys are in their place already. */
function insertSorted(
  { keys, values }: { readonly keys: string[]; readonly values: string[] },
  key: string,
  value: string,
): void {
  let place = keys.length
  while (place > 0 && (keys[place - 1] as string) > key) {
    keys[place] = keys[place - 1] as string
    values[place] = values[place - 1] as string
    place -= 1
  }
  keys[place] = key
  values[place] = value
}
