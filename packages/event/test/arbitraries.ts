import type { Json } from '@steptrail/verify'
import * as fc from 'fast-check'

/** Text that PostgreSQL gives back as it was. */
export const storableText: fc.Arbitrary<string> = fc
  .string({ unit: 'binary', maxLength: 20 })
  .map((text) => text.replaceAll('\u0000', ''))

/** A number that details may hold. */
export const storableNumber: fc.Arbitrary<number> = fc
  .oneof(
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
  )
  .map((value) => (value === 0 ? 0 : value))

/** Any JSON that details may hold somewhere inside. */
export const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(fc.constant(null), fc.boolean(), storableNumber, storableText),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(storableText, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value

/** Any object that details may be, without keys that have to be whole numbers. */
export const jsonObject: fc.Arbitrary<Readonly<Record<string, Json>>> = fc.dictionary(
  storableText.filter((key) => !/(?:Ms|_ms)$/.test(key)),
  json,
  { maxKeys: 5, noNullPrototype: true },
)
