import type { Json } from '@steptrail/verify'
import { z } from 'zod'

/** Tells whether a value fits a JSON Schema. Each schema is compiled once for as long as it is in use. */
export function createFits(): (schema: Json, value: Json) => boolean {
  const compiled = new WeakMap<object, z.ZodType>()
  return (schema, value) => {
    if (typeof schema !== 'object' || schema === null) return schema !== false
    const known = compiled.get(schema) ?? z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])
    compiled.set(schema, known)
    return known.safeParse(value).success
  }
}
