import { z } from 'zod'

/** One key of an event type's details, as a reference shows it. */
export interface DetailsRow {
  /** `payload.workflows[].finalScore`. */
  readonly path: string
  /** What stands there, in words. */
  readonly type: string
  /** Whether it is there whenever the object around it is. */
  readonly required: boolean
}

/** The part of JSON Schema that the details of the built-in types use. */
interface SchemaNode {
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly format?: string
  readonly pattern?: string
  readonly anyOf?: readonly SchemaNode[]
  readonly items?: SchemaNode
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | SchemaNode
}

/** The keys of details with this schema, outermost first, in the order of the schema. */
export function detailsRows(details: z.ZodType): readonly DetailsRow[] {
  return rowsOf(z.toJSONSchema(details, { io: 'input' }) as SchemaNode, '')
}

function rowsOf(node: SchemaNode, path: string): readonly DetailsRow[] {
  const { properties, items, required } = withoutNull(node)
  if (items) return rowsOf(items, `${path}[]`)
  return Object.entries(properties ?? {}).flatMap(([key, inner]) => {
    const innerPath = path === '' ? key : `${path}.${key}`
    return [
      { path: innerPath, type: typeText(inner), required: required?.includes(key) ?? false },
      ...rowsOf(inner, innerPath),
    ]
  })
}

const isNull = (node: SchemaNode): boolean => node.type === 'null'

/** Of "this or null" this. */
function withoutNull(node: SchemaNode): SchemaNode {
  const [only, ...others] = (node.anyOf ?? []).filter((choice) => !isNull(choice))
  return only && others.length === 0 ? only : node
}

function typeText(node: SchemaNode): string {
  const { type } = node
  if (typeof type === 'object') return type.map((one) => typeText({ ...node, type: one })).join(' or ')
  if (node.anyOf) return node.anyOf.map(typeText).join(' or ')
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``
  if (node.enum) return node.enum.map((value) => `\`${JSON.stringify(value)}\``).join(' or ')
  switch (type) {
    case 'string':
      return stringText(node)
    case 'integer':
      return 'whole number'
    case 'array':
      return `list of ${node.items ? typeText(node.items) : 'JSON'}`
    case 'object':
      return typeof node.additionalProperties === 'object' && node.additionalProperties.type
        ? `object of ${typeText(node.additionalProperties)}`
        : 'object'
    case undefined:
      return 'any JSON'
    default:
      return type === 'boolean' ? 'true or false' : type
  }
}

function stringText({ format, pattern }: SchemaNode): string {
  if (format === 'date-time') return 'instant'
  if (format) return format.toUpperCase()
  if (pattern === '^[0-9a-f]{64}$') return 'SHA-256 in hexadecimal'
  return pattern ? `text like \`${pattern}\`` : 'text'
}
