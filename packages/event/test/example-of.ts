import * as fc from 'fast-check'
import { z } from 'zod'
import { json } from './arbitraries.ts'

interface SchemaNode {
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly minItems?: number
  readonly minimum?: number
  readonly anyOf?: readonly SchemaNode[]
  readonly items?: SchemaNode
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
}

/** Values that a schema describes, with and without what is optional. Only what the built-in types use is known. */
export function exampleOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  return valueOf(z.toJSONSchema(schema, { io: 'input' }) as SchemaNode)
}

function valueOf(node: SchemaNode): fc.Arbitrary<unknown> {
  if (node.const !== undefined) return fc.constant(node.const)
  if (node.enum) return fc.constantFrom(...node.enum)
  if (node.anyOf) return fc.oneof(...node.anyOf.map(valueOf))
  if (Array.isArray(node.type))
    return fc.oneof(...node.type.map((type: string) => valueOf({ ...node, type })))
  switch (node.type) {
    case 'string':
      return textOf(node)
    case 'integer':
      return fc.integer({ min: node.minimum ?? 0, max: 1_000_000 })
    case 'number':
      return fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(node.items ? valueOf(node.items) : json, {
        minLength: node.minItems ?? 0,
        maxLength: 3,
      })
    case 'object':
      return fc.record(mapValues(node.properties ?? {}), {
        requiredKeys: [...(node.required ?? [])],
        noNullPrototype: true,
      })
    case undefined:
      return json
    default:
      throw new Error(`no example is known for ${JSON.stringify(node)}`)
  }
}

function textOf({ format, pattern, minLength }: SchemaNode): fc.Arbitrary<string> {
  if (format === 'date-time')
    return fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString())
  if (format === 'uuid') return fc.uuid()
  if (pattern) return fc.stringMatching(new RegExp(pattern))
  return fc.stringMatching(/^[a-zA-Z0-9 .-]{1,20}$/).filter((text) => text.length >= (minLength ?? 0))
}

const mapValues = (properties: Readonly<Record<string, SchemaNode>>): Record<string, fc.Arbitrary<unknown>> =>
  Object.fromEntries(Object.entries(properties).map(([key, node]) => [key, valueOf(node)]))
