/** A function that gives the 32 bytes of SHA-256. Each takes one as an argument, so that Node's can be used. */
export type Sha256 = (data: Uint8Array) => Uint8Array

/** SHA-256 (FIPS 180-4), synchronous and without dependency, for browsers as for Node. */
export function sha256(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const state = Int32Array.from(initialState)
  const words = new Int32Array(64)
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const whole = data.length - (data.length % 64)
  for (let offset = 0; offset < whole; offset += 64) compress(state, load(words, view, offset))
  const tail = paddedTail(data, whole)
  const tailView = new DataView(tail.buffer)
  for (let offset = 0; offset < tail.length; offset += 64) compress(state, load(words, tailView, offset))
  return bytesOf(state)
}

/** The bytes after the last whole block, then a 1 bit, zeros, and the length in bits. */
function paddedTail(data: Uint8Array, whole: number): Uint8Array<ArrayBuffer> {
  const rest = data.subarray(whole)
  const tail = new Uint8Array(rest.length < 56 ? 64 : 128)
  tail.set(rest)
  tail[rest.length] = 0x80
  const view = new DataView(tail.buffer)
  view.setUint32(tail.length - 8, Math.floor(data.length / 2 ** 29))
  view.setUint32(tail.length - 4, (data.length << 3) >>> 0)
  return tail
}

function load(words: Int32Array, view: DataView, offset: number): Int32Array {
  for (let index = 0; index < 16; index++) words[index] = view.getInt32(offset + 4 * index)
  for (let index = 16; index < 64; index++) {
    const near = words[index - 2] as number
    const far = words[index - 15] as number
    const small1 = rotate(near, 17) ^ rotate(near, 19) ^ (near >>> 10)
    const small0 = rotate(far, 7) ^ rotate(far, 18) ^ (far >>> 3)
    words[index] = (small1 + (words[index - 7] as number) + small0 + (words[index - 16] as number)) | 0
  }
  return words
}

function compress(state: Int32Array, words: Int32Array): void {
  let [a, b, c, d, e, f, g, h] = state as unknown as Eight
  for (let index = 0; index < 64; index++) {
    const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const choice = (e & f) ^ (~e & g)
    const first = (h + big1 + choice + (constants[index] as number) + (words[index] as number)) | 0
    const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + big0 + majority) | 0
  }
  const added = [a, b, c, d, e, f, g, h]
  for (let index = 0; index < 8; index++) state[index] = (state[index] as number) + (added[index] as number)
}

type Eight = readonly [number, number, number, number, number, number, number, number]

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

function bytesOf(state: Int32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(32)
  const view = new DataView(bytes.buffer)
  state.forEach((word, index) => view.setInt32(4 * index, word))
  return bytes
}

const primes = firstPrimes(64)

/** The first 32 bits of the fractional parts of the square roots of the first 8 primes. */
const initialState = primes.slice(0, 8).map((prime) => fraction(prime, 2n))

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const constants = Int32Array.from(primes.map((prime) => fraction(prime, 3n)))

function firstPrimes(count: number): readonly bigint[] {
  const found: bigint[] = []
  for (let number = 2n; found.length < count; number++)
    if (found.every((prime) => number % prime !== 0n)) found.push(number)
  return found
}

/** floor(2^32 · number^(1/degree)) without its whole part: exact, since it is done in whole numbers. */
function fraction(number: bigint, degree: bigint): number {
  const scaled = number << (32n * degree)
  let low = 0n
  let high = 1n << 40n
  while (low < high - 1n) {
    const middle = (low + high) / 2n
    if (middle ** degree <= scaled) low = middle
    else high = middle
  }
  return Number(BigInt.asIntN(32, low))
}
