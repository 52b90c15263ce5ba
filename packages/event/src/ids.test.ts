import { expect, test } from 'vitest'
import { type FillRandom, createUuidV7Generator, isUuid, timestampOfUuid, uuidV7, uuidV8 } from './ids.ts'
import { thrownBy } from '../test/thrown-by.ts'

const zeros: FillRandom = (bytes) => bytes.fill(0)
const ones: FillRandom = (bytes) => bytes.fill(255)

test('a UUIDv7 is made as in RFC 9562, appendix A.6', () => {
  const random = Buffer.from('0cc318c4dc0c0c07398f', 'hex')
  const id = uuidV7(0x017f22e279b0, (bytes) => (bytes.set(random), bytes))
  expect(id).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f')
})

test('the bits around version and variant are the random ones', () => {
  expect(uuidV7(0, zeros)).toBe('00000000-0000-7000-8000-000000000000')
  expect(uuidV7(2 ** 48 - 1, ones)).toBe('ffffffff-ffff-7fff-bfff-ffffffffffff')
})

test('ids differ without a generator too', () => {
  expect(new Set(Array.from({ length: 1000 }, () => uuidV7(1))).size).toBe(1000)
})

test('a generator counts on within a millisecond, across all bits of its counter', () => {
  const next = createUuidV7Generator(ones)
  expect([next(5), next(5)]).toEqual([
    '00000000-0005-77ff-bfff-ffffffffffff',
    '00000000-0005-7800-8000-ffffffffffff',
  ])
})

test('a generator begins anew with each millisecond, also with an earlier one', () => {
  const next = createUuidV7Generator(zeros)
  expect([next(5), next(5), next(6), next(5)]).toEqual([
    '00000000-0005-7000-8000-000000000000',
    '00000000-0005-7000-8001-000000000000',
    '00000000-0006-7000-8000-000000000000',
    '00000000-0005-7000-8000-000000000000',
  ])
})

test('a generator asks for random bytes anew when they are used up', () => {
  let asked = 0
  const next = createUuidV7Generator((bytes) => {
    asked += 1
    return bytes.fill(asked)
  })
  const last = Array.from({ length: 801 }, (_, index) => next(index)).at(-1)
  expect(asked).toBe(2)
  expect(last).toBe('00000000-0320-7202-8202-020202020202')
})

test('two generators do not repeat each other', () => {
  const generators = [createUuidV7Generator(), createUuidV7Generator()]
  const ids = generators.flatMap((next) => Array.from({ length: 1000 }, () => next(1)))
  expect(new Set(ids).size).toBe(2000)
})

test('a UUIDv8 takes its bits from the hash, the same ones each time', () => {
  const hash = Buffer.from('ffffffffffffffffffff00', 'hex')
  expect(uuidV8(1_700_000_000_123, hash)).toBe('018bcfe5-687b-8fff-bfff-ffffffffffff')
  expect(uuidV8(1_700_000_000_123, Buffer.alloc(32))).toBe('018bcfe5-687b-8000-8000-000000000000')
})

test('a UUIDv8 of a short hash is refused', () => {
  expect(thrownBy(() => uuidV8(0, new Uint8Array(9)))).toMatchObject({
    code: 'invalid_input',
    message: 'a UUIDv8 takes a hash of at least 10 bytes, got 9: give a whole hash',
  })
})

test.each([-1, 0.5, Number.NaN, 2 ** 48])('the time %d is refused', (timestampMs) => {
  for (const make of [() => uuidV7(timestampMs), () => uuidV8(timestampMs, new Uint8Array(10))])
    expect(thrownBy(make)).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(`${timestampMs} `),
    })
})

test('the time is read from a UUID in either case, and nothing else is read', () => {
  expect(timestampOfUuid('018BCFE5-687B-7000-8000-000000000000')).toBe(1_700_000_000_123)
  expect(thrownBy(() => timestampOfUuid('018bcfe5'))).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('"018bcfe5" is not a UUID'),
  })
})

test.each([
  ['018bcfe5-687b-7000-8000-000000000000', true],
  ['018BCFE5-687B-7000-8000-00000000000A', true],
  ['00000000-0000-0000-0000-000000000000', true],
  ['018bcfe5687b70008000000000000000', false],
  ['018bcfe5-687b-7000-8000-00000000000g', false],
  [' 018bcfe5-687b-7000-8000-000000000000', false],
  ['018bcfe5-687b-7000-8000-000000000000\n', false],
  ['', false],
  [null, false],
  [7, false],
])('isUuid(%j) is %s', (value, expected) => {
  expect(isUuid(value)).toBe(expected)
})
