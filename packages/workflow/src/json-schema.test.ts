import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { conditionSchema, jsonSchema } from './json-schema.ts'

const $schema = 'https://json-schema.org/draft/2020-12/schema'

describe('the JSON Schema of an output', () => {
  test('describes a Date as the text as which it is stored', () => {
    expect(jsonSchema(z.date(), 'output')).toEqual({ $schema, type: 'string', format: 'date-time' })
  })

  test('describes what a default guarantees', () => {
    const schema = z.object({ size: z.number().default(1) })
    expect(jsonSchema(schema, 'output')).toMatchObject({ required: ['size'] })
    expect(jsonSchema(schema, 'input')).not.toHaveProperty('required')
  })

  test('is open where only code can check', () => {
    expect(jsonSchema(z.string().transform(Number), 'output')).toEqual({ $schema })
    expect(jsonSchema(z.custom<string>(), 'output')).toEqual({ $schema })
  })

  test.each([
    ['bigint', z.bigint()],
    ['coerced bigint', z.coerce.bigint()],
    ['undefined', z.undefined()],
    ['void', z.void()],
    ['Map', z.map(z.string(), z.string())],
    ['Set', z.set(z.string())],
    ['symbol', z.symbol()],
    ['NaN', z.nan()],
    ['literal bigint', z.literal(1n)],
  ])('is refused for %s', (_, schema) => {
    expect(() => jsonSchema(z.object({ value: schema }), 'output')).toThrow(/at properties\/value/)
  })
})

describe('the JSON Schema of an input', () => {
  test('describes what is given, not what it becomes', () => {
    expect(jsonSchema(z.string().transform(Number), 'input')).toEqual({ $schema, type: 'string' })
  })

  test('is open for what is coerced', () => {
    expect(jsonSchema(z.coerce.date(), 'input')).toEqual({ $schema })
    expect(jsonSchema(z.coerce.bigint(), 'input')).toEqual({ $schema })
  })

  test('is refused for a Date, with a way out', () => {
    expect(() => jsonSchema(z.object({ at: z.date() }), 'input')).toThrow(
      /at properties\/at; as input use z\.iso\.datetime\(\), or z\.coerce\.date\(\)/,
    )
  })
})

test('a JSON Schema is the same each time, even when a default is computed', () => {
  const schema = z.object({
    id: z.string().default(() => crypto.randomUUID()),
    other: z.string().prefault(() => crypto.randomUUID()),
    nested: z.object({ default: z.string() }),
  })
  for (const direction of ['input', 'output'] as const)
    expect(jsonSchema(schema, direction)).toEqual(jsonSchema(schema, direction))
  expect(jsonSchema(schema, 'input')).toMatchObject({
    properties: { nested: { properties: { default: {} } } },
  })
})

test('a JSON Schema is plain JSON, also for a schema that contains itself', () => {
  const tree: z.ZodType = z.object({
    get children() {
      return z.array(tree)
    },
  })
  const schema = jsonSchema(tree, 'output')
  expect(JSON.parse(JSON.stringify(schema))).toEqual(schema)
  expect(schema).not.toHaveProperty('~standard')
})

/** How it is decided: by zod's own reading of the JSON Schema. */
const decided = (condition: z.ZodType, value: unknown): boolean =>
  z.fromJSONSchema(conditionSchema(condition) as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value)
    .success

describe('the JSON Schema of a condition', () => {
  test.each<[name: string, schema: z.ZodType, values: readonly unknown[]]>([
    ['two patterns', z.string().regex(/a/).regex(/b/), ['a', 'b', 'ab']],
    ['a format with a pattern of its own', z.email({ pattern: z.regexes.html5Email }), ['a@b', 'a']],
    ['a GUID', z.guid(), ['019a0000-0000-0000-0000-000000000000', 'a']],
    ['a UUID of one version', z.uuidv4(), ['019a0000-0000-7000-8000-000000000000']],
    ['a record', z.record(z.string(), z.number()), [{ a: 1 }, { a: 'x' }]],
    ['a record of certain keys', z.record(z.enum(['a', 'b']), z.number()), [{ a: 1 }, { a: 1, b: 1 }]],
    ['a strict object', z.strictObject({ a: z.number() }), [{ a: 1 }, { a: 1, b: 1 }, {}]],
    ['an object with a rest', z.object({}).catchall(z.number()), [{ a: 1 }, { a: 'x' }]],
    ['an object', z.object({ a: z.number() }), [{ a: 1, b: 1 }, {}]],
    ['a tuple with a rest', z.tuple([z.string()], z.number()), [['a', 1], ['a', 'b'], []]],
    ['a union by a key', z.discriminatedUnion('k', [z.object({ k: z.literal(1) })]), [{ k: 1 }, { k: 2 }]],
    ['bounds', z.number().gt(3).lte(5), [3, 4, 5, 6]],
    [
      'what is described',
      z
        .string()
        .min(2)
        .meta({ title: 'x', description: 'y', examples: ['z'] }),
      ['a', 'ab'],
    ],
    ['an instant', z.iso.datetime(), ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00+01:00']],
  ])('is decided as the schema is, for %s', (_, schema, values) => {
    const condition = z.object({ input: z.object({ value: schema }) })
    for (const value of values) {
      const given = { input: { value }, outputs: {} }
      expect(decided(condition, given)).toBe(condition.safeParse(given).success)
    }
  })

  test.each<[name: string, schema: z.ZodType, problem: RegExp]>([
    [
      'flags',
      z.string().regex(/@example\.com$/i),
      /the flags of the regular expression .*\/i cannot .* at .*value/,
    ],
    ['flags of a format', z.emoji(), /the flags of the regular expression/],
    ['trimming', z.string().trim().min(1), /a change of the text, such as trim,/],
    ['coercion', z.coerce.number(), /a coercion/],
    ['what is caught', z.number().catch(3), /what is caught/],
    ['a codec', z.stringbool(), /a transform, a preprocess or a codec/],
    ['a pipe', z.string().pipe(z.literal('a')), /a transform, a preprocess or a codec/],
    ['a refinement', z.string().refine((text) => text !== ''), /a refinement/],
    ['a part of a URL', z.url({ protocol: /^https$/ }), /a part of a url/],
    ['a pattern that only meta says', z.string().meta({ pattern: '^a' }), /a pattern that only meta says/],
    ['a type that only meta says', z.string().meta({ type: 'integer' }), /a type that only meta says/],
    [
      'meta of what an optional wraps',
      z
        .string()
        .meta({ enum: ['a'] })
        .optional(),
      /an? enum that only meta/,
    ],
    ['a property', z.string().check(z.property('length', z.literal(1))), /a refinement/],
    ['a file', z.file(), /a file/],
  ])('is refused for %s', (_, schema, problem) => {
    expect(() => conditionSchema(z.object({ input: z.object({ value: schema }) }))).toThrow(problem)
  })
})

describe('the JSON Schema of an input lets pass what the schema does', () => {
  test.each<[name: string, schema: z.ZodType, value: unknown]>([
    ['flags', z.string().regex(/ab/i), 'AB'],
    ['sets in a regular expression', z.string().regex(/^[\p{L}--a]+$/v), 'é'],
    ['lower case', z.string().toLowerCase().regex(/^a$/), 'A'],
    ['coercion', z.coerce.number(), '1'],
    ['what is caught', z.number().catch(3), 'x'],
    ['preprocessing', z.preprocess(String, z.string()), 1],
    ['an optional of these', z.coerce.number().optional(), '1'],
  ])('for %s', (_, schema, value) => {
    const input = z.object({ value: schema })
    const read = z.fromJSONSchema(jsonSchema(input, 'input') as Parameters<typeof z.fromJSONSchema>[0])
    expect(input.safeParse({ value }).success).toBe(true)
    expect(read.safeParse({ value }).success).toBe(true)
  })
})
