import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { jsonSchema } from './json-schema.ts'

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
