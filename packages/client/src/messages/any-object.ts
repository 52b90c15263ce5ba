import { z } from 'zod'

/**
 * Any object of JSON, just as it came. A record would leave out a value named `__proto__` without a word, and it is for
 * whoever takes the values to refuse that name.
 */
export const anyObject = (description: string): z.ZodType<Readonly<Record<string, unknown>>> =>
  z
    .unknown()
    .refine(isObject, 'is not an object')
    .meta({ type: 'object', additionalProperties: {}, description }) as z.ZodType<
    Readonly<Record<string, unknown>>
  >

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
