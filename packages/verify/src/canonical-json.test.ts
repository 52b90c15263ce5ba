import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { CanonicalJsonError, canonicalJson, canonicalJsonMaxDepth, type Json } from './canonical-json.ts'

describe('the known answers of RFC 8785', () => {
  test('section 3.2.2: literals, numbers and strings', () => {
    const value = JSON.parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`) as Json
    const text = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`
    expect(canonicalJson(value)).toBe(text)
  })

  test('section 3.2.3: keys are sorted by UTF-16 code units, not by code points', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    expect(canonicalJson(value)).toBe(
      String.raw`{"\r":"Carriage Return","1":"One","` +
        '\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign",' +
        '"\ud83d\ude00":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    )
  })

  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('appendix B: the number with the bits %s is %s', (bits, text) => {
    expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text)
  })
})

test('containers are written without white space, and empty ones too', () => {
  expect(canonicalJson([{}, [], { b: [1, 'x'], a: null }])).toBe('[{},[],{"a":null,"b":[1,"x"]}]')
})

test('control characters are escaped as briefly as JSON can, all else is left as it is', () => {
  expect(canonicalJson('\b\t\n\f\r\u0000\u001f\u007f"\\/é\u2028')).toBe(
    String.raw`"\b\t\n\f\r\u0000\u001f` + '\u007f' + String.raw`\"\\/é` + '\u2028"',
  )
})

test('the same object in two places is no cycle', () => {
  const shared = { a: 1 }
  expect(canonicalJson([shared, shared])).toBe('[{"a":1},{"a":1}]')
})

test('a key __proto__ is a key', () => {
  expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}') as Json)).toBe('{"__proto__":{"a":2},"b":1}')
})

test('an object without prototype and one of another realm are plain', () => {
  expect(canonicalJson(Object.assign(Object.create(null), { a: 1 }) as Json)).toBe('{"a":1}')
  expect(canonicalJson(runInNewContext('({ a: [1] })') as Json)).toBe('{"a":[1]}')
})

test('nesting is allowed up to the limit', () => {
  expect(canonicalJson(nested(canonicalJsonMaxDepth))).toMatch(/^\[+\]+$/)
})

describe('refuses, naming the path,', () => {
  const cycle: Record<string, unknown> = { list: [1] }
  ;(cycle['list'] as unknown[]).push({ back: cycle })
  class Money {
    readonly amount = 1
  }
  const nameless = new Money()
  Object.defineProperty(nameless, 'constructor', { value: undefined })
  test.each<readonly [string, unknown, string, RegExp]>([
    ['NaN', { a: [1, Number.NaN] }, '$.a[1]', /is NaN/],
    ['Infinity', [Number.POSITIVE_INFINITY], '$[0]', /is Infinity/],
    ['undefined', { a: undefined }, '$.a', /is undefined/],
    ['undefined itself', undefined, '$', /is undefined/],
    ['a hole', Object.assign([], { length: 1 }), '$[0]', /is undefined/],
    ['a bigint', { a: { 'b c': 1n } }, '$.a["b c"]', /is a bigint/],
    ['a function', [() => 1], '$[0]', /is a function/],
    ['a symbol', [Symbol('x')], '$[0]', /is a symbol/],
    ['a high surrogate alone', { a: 'x\ud800' }, '$.a', /lone surrogate/],
    ['a low surrogate alone', ['\udc00x'], '$[0]', /lone surrogate/],
    ['a lone surrogate in a key', { a: { '\ud800': 1 } }, String.raw`$.a["\ud800"]`, /lone surrogate/],
    ['a date', { at: new Date(0) }, '$.at', /is a Date/],
    ['a map', { m: new Map() }, '$.m', /is a Map/],
    ['an instance', { m: new Money() }, '$.m', /is a Money/],
    ['a nameless instance', { m: nameless }, '$.m', /is a class instance/],
    ['a cycle', cycle, '$.list[1].back', /is \$ again/],
    ['a cycle further in', { x: cycle }, '$.x.list[1].back', /is \$\.x again/],
    [
      'nesting beyond the limit',
      nested(canonicalJsonMaxDepth + 1),
      `$${'[0]'.repeat(canonicalJsonMaxDepth)}`,
      /deeper than 1000/,
    ],
  ])('%s', (...[, value, path, problem]) => {
    const error = errorOf(() => canonicalJson(value as Json))
    expect(error.path).toBe(path)
    expect(error.problem).toMatch(problem)
    expect(error.message).toBe(`${path} ${error.problem}: it has no canonical JSON form`)
    expect(error.name).toBe('CanonicalJsonError')
  })
})

function errorOf(work: () => unknown): CanonicalJsonError {
  try {
    work()
  } catch (error) {
    if (error instanceof CanonicalJsonError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

function nested(depth: number): Json {
  let value: Json = []
  for (let level = 1; level < depth; level++) value = [value]
  return value
}
