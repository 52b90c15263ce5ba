/** Beyond so many keys or levels a value is not plain. */
const mostKeys = 32
const deepest = 32
/** Characters of a number that a double holds whatever its digits are. */
const longestNumber = 15

/**
 * Writes the canonical JSON of plain `details` from the bytes of the text in which PostgreSQL gives a `jsonb`, without a
 * value or a text for any part of it. Plain are strings without escapes, keys of ASCII, and numbers that a double holds:
 * PostgreSQL writes strings as canonical JSON does, and white space only after a comma or a colon; keys it sorts by
 * length.
 */
export class PlainDetails {
  #from: Uint8Array = nothing
  #at = 0
  #to: Uint8Array = nothing
  #end = 0
  /** Of each key of the objects under way: where its name begins and ends, and where its value begins. */
  readonly #members: number[] = []

  /**
   * Writes to where there is room for as many bytes as the text has; returns where what was written ends, or -1 where
   * the text is not plain: then what lies there means nothing.
   */
  write(
    { from, start, end }: { readonly from: Uint8Array; readonly start: number; readonly end: number },
    to: Uint8Array,
    at: number,
  ): number {
    this.#from = from
    this.#at = start
    this.#to = to
    this.#end = at
    this.#members.length = 0
    return this.#value(0) && this.#at === end ? this.#end : -1
  }

  /** Each of these writes what is next, and is true where that is plain. */
  #value(depth: number): boolean {
    switch (this.#from[this.#at]) {
      case quote:
        return this.#string()
      case openBrace:
        return depth < deepest && this.#object(depth + 1)
      case openBracket:
        return depth < deepest && this.#array(depth + 1)
      default:
        return this.#word()
    }
  }

  #string(): boolean {
    const end = this.#endOfString(this.#at)
    if (end < 0) return false
    this.#copy(this.#at, end)
    this.#at = end
    return true
  }

  #object(depth: number): boolean {
    const first = this.#members.length
    const after = this.#findMembers(first)
    if (after < 0) return false
    const last = this.#members.length
    this.#to[this.#end++] = openBrace
    for (let member = first; member < last; member += 3) {
      if (member > first) this.#to[this.#end++] = comma
      this.#copy((this.#members[member] as number) - 1, (this.#members[member + 1] as number) + 1)
      this.#to[this.#end++] = colon
      this.#at = this.#members[member + 2] as number
      if (!this.#value(depth)) return false
    }
    this.#to[this.#end++] = closeBrace
    this.#members.length = first
    this.#at = after
    return true
  }

  /** Finds the members of the object that begins here, in order of their keys; returns where it ends, or -1. */
  #findMembers(first: number): number {
    let at = this.#at + 1
    while (this.#from[at] !== closeBrace) {
      if (this.#members.length > first) at += 2
      const endOfKey = this.#endOfKey(at)
      const value = endOfKey + 2
      const endOfValue = endOfKey < 0 ? -1 : this.#endOfValue(value)
      if (endOfValue < 0 || this.#members.length === first + 3 * mostKeys) return -1
      this.#insert(first, [at + 1, endOfKey - 1, value])
      at = endOfValue
    }
    return at + 1
  }

  /** From the end, since most keys are in their place already. */
  #insert(first: number, [start, end, value]: readonly [start: number, end: number, value: number]): void {
    const members = this.#members
    let place = members.length
    members.push(start, end, value)
    while (place > first && this.#isBefore(start, end, place - 3)) {
      for (let part = 0; part < 3; part++) members[place + part] = members[place - 3 + part] as number
      place -= 3
    }
    members[place] = start
    members[place + 1] = end
    members[place + 2] = value
  }

  /** Whether a key comes before that of a member. */
  #isBefore(one: number, endOfOne: number, member: number): boolean {
    const from = this.#from
    const [other, endOfOther] = [this.#members[member] as number, this.#members[member + 1] as number]
    for (let [left, right] = [one, other]; left < endOfOne && right < endOfOther; left++, right++) {
      const difference = (from[left] as number) - (from[right] as number)
      if (difference !== 0) return difference < 0
    }
    return endOfOne - one < endOfOther - other
  }

  #array(depth: number): boolean {
    this.#to[this.#end++] = openBracket
    this.#at += 1
    for (let isFirst = true; this.#from[this.#at] !== closeBracket; isFirst = false) {
      if (!isFirst) {
        this.#to[this.#end++] = comma
        this.#at += 2
      }
      if (!this.#value(depth)) return false
    }
    this.#to[this.#end++] = closeBracket
    this.#at += 1
    return true
  }

  /** A number, `true`, `false` or `null`. */
  #word(): boolean {
    const start = this.#at
    const end = this.#endOfWord(start)
    this.#at = end
    const isNumber = (this.#from[start] as number) < letterA
    if (isNumber && end - start > longestNumber) return false
    let hasPoint = false
    for (let index = start; index < end; index++) hasPoint ||= this.#from[index] === point
    if (!isNumber || !hasPoint) {
      this.#copy(start, end)
      return true
    }
    const text = String(Number(String.fromCharCode(...this.#from.subarray(start, end))))
    for (let index = 0; index < text.length; index++) this.#to[this.#end++] = text.charCodeAt(index)
    return true
  }

  #endOfWord(start: number): number {
    let end = start
    for (; ; end++) {
      const byte = this.#from[end]
      if (byte === comma || byte === closeBrace || byte === closeBracket || byte === undefined) return end
    }
  }

  /** After the quote that ends it; -1 where there is an escape. */
  #endOfString(start: number): number {
    for (let at = start + 1; ; at++) {
      const byte = this.#from[at]
      if (byte === quote) return at + 1
      if (byte === backslash || byte === undefined) return -1
    }
  }

  /** The same of a key; -1 also where it is not ASCII, of which the order of bytes is that of canonical JSON. */
  #endOfKey(start: number): number {
    for (let at = start + 1; ; at++) {
      const byte = this.#from[at]
      if (byte === quote) return at + 1
      if (byte === backslash || byte === undefined || byte > lastOfAscii) return -1
    }
  }

  /** Where what comes after a value begins. */
  #endOfValue(start: number): number {
    let depth = 0
    for (let at = start; ; at++) {
      const byte = this.#from[at]
      if (byte === undefined) return -1
      if (byte === quote) {
        const end = this.#endOfString(at)
        if (end < 0) return -1
        at = end - 1
      } else if (byte === openBrace || byte === openBracket) depth += 1
      else if (byte === comma && depth === 0) return at
      else if (byte === closeBrace || byte === closeBracket) {
        if (depth === 0) return at
        depth -= 1
      }
    }
  }

  #copy(start: number, end: number): void {
    const [from, to] = [this.#from, this.#to]
    let at = this.#end
    for (let index = start; index < end; index++) to[at++] = from[index] as number
    this.#end = at
  }
}

const nothing = new Uint8Array()
const [quote, openBrace, closeBrace, openBracket, closeBracket] = [0x22, 0x7b, 0x7d, 0x5b, 0x5d]
const [comma, colon, backslash, point, letterA, lastOfAscii] = [0x2c, 0x3a, 0x5c, 0x2e, 0x61, 0x7f]
