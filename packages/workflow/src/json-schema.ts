import type { Json } from '@steptrail/verify'
import { z } from 'zod'

/** Which side of a schema crosses the border: an execution's input goes in, a step's output comes out. */
export type Direction = 'input' | 'output'

/**
 * The JSON Schema (draft 2020-12) of a zod schema, as plain JSON. An output's Date is a `date-time` string,
 * as which it is stored; what only code can check (a transform's result, a custom type) is open. Default values
 * are left out: a computed one would be another at each start, and with it the definition's hash.
 *
 * Throws an error that names the place, for what JSON cannot carry: a bigint, a Map, `undefined`, a Date as input.
 */
export function jsonSchema(schema: z.ZodType, direction: Direction): Json {
  const converted = z.toJSONSchema(schema, {
    io: direction,
    unrepresentable: ({ zodSchema: { _zod: internals }, path, message }) => {
      const { def } = internals
      if (isOpen.has(def.type) || (direction === 'input' && 'coerce' in def && def.coerce)) return 'any'
      if (def.type === 'date' && direction === 'output') return { type: 'string', format: 'date-time' }
      const place = path.length === 0 ? '' : ` at ${path.join('/')}`
      throw new Error(`${message}${place}${advice(def.type)}`)
    },
    override: ({ jsonSchema: made }) => {
      delete made.default
    },
  })
  return JSON.parse(JSON.stringify(converted)) as Json
}

/** Kinds of schemas that let some JSON pass, of which only code knows which. */
const isOpen: ReadonlySet<string> = new Set(['custom', 'transform', 'default', 'prefault', 'catch', 'number'])

/**
 * The JSON Schema of a condition. Unlike an input's or output's it is all that will be asked, so it throws an error
 * for whatever JSON Schema cannot say: a refinement, a transform, a custom type.
 */
export function conditionSchema(schema: z.ZodType): Json {
  const converted = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'throw',
    override: ({ zodSchema, jsonSchema: made }) => {
      delete made.additionalProperties
      const checks = zodSchema._zod.def.checks ?? []
      if (checks.some(({ _zod: { def } }) => def.check === 'custom'))
        throw new Error('a refinement cannot be expressed in JSON Schema')
    },
  })
  return JSON.parse(JSON.stringify(converted)) as Json
}

function advice(type: string): string {
  if (type === 'date') return '; as input use z.iso.datetime(), or z.coerce.date()'
  if (type === 'undefined' || type === 'void') return '; use z.null(), or z.object({})'
  return ''
}
