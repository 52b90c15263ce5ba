import type { Json } from '@steptrail/verify'
import { z } from 'zod'

/** Which side of a schema crosses the border: an execution's input goes in, a step's output comes out. */
export type Direction = 'input' | 'output'

/** What zod has made of one part of a schema; it is changed in place. */
interface Part {
  readonly zodSchema: z.core.$ZodType
  readonly jsonSchema: z.core.JSONSchema.BaseSchema
}

/**
 * The JSON Schema (draft 2020-12) of a zod schema, as plain JSON. An output's Date is a `date-time` string,
 * as which it is stored; what only code can check (a transform's result, a custom type, what a coercion takes, a regular
 * expression with flags) is open. Default values are left out: a computed one would be another at each start, and with
 * it the definition's hash.
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
      throw new Error(`${message}${placeOf(path)}${advice(def.type)}`)
    },
    override: (part) => {
      delete part.jsonSchema.default
      if (direction === 'input') openInput(part)
      if (rulesOf(part.zodSchema).some(hasFlags)) forget(part.jsonSchema, ['pattern', 'allOf', 'format'])
      spell(part.jsonSchema)
    },
  })
  return JSON.parse(JSON.stringify(converted)) as Json
}

/** Kinds of schemas that let some JSON pass, of which only code knows which. */
const isOpen: ReadonlySet<string> = new Set(['custom', 'transform', 'default', 'prefault', 'catch', 'number'])

/** What code makes of an input before it is held against anything: what it may have been cannot be said. */
function openInput({ zodSchema, jsonSchema: made }: Part): void {
  const { def } = zodSchema._zod
  const isPreprocessed = def.type === 'pipe' && (def as z.core.$ZodPipeDef).in._zod.def.type === 'transform'
  if (isCoerced(zodSchema) || def.type === 'catch' || isPreprocessed) forget(made, Object.keys(made))
  else if (rulesOf(zodSchema).some(({ check }) => check === 'overwrite'))
    forget(made, ['minLength', 'maxLength', 'pattern', 'allOf', 'format'])
}

/**
 * The JSON Schema of a condition. Unlike an input's or output's it is all that will be asked, so it throws an error
 * that names the place for whatever JSON Schema cannot say: a refinement, a transform, a coercion, a custom type, a text
 * that is trimmed, a regular expression with flags; and for what `meta` says beyond what zod asks.
 */
export function conditionSchema(schema: z.ZodType): Json {
  const converted = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'throw',
    override: (part) => {
      const problem = unsayable(part.zodSchema)
      if (problem) throw new Error(`${problem} cannot be expressed in JSON Schema${placeOf(part.path)}`)
      delete part.jsonSchema.default
      spell(part.jsonSchema)
    },
  })
  return JSON.parse(JSON.stringify(converted)) as Json
}

/** Why a part of a condition would be decided otherwise than zod does; null where it is not. */
function unsayable(schema: z.core.$ZodType): string | null {
  const { type } = schema._zod.def
  if (type === 'pipe' || type === 'transform') return 'a transform, a preprocess or a codec'
  if (type === 'catch') return 'what is caught'
  if (type === 'file') return 'a file'
  if (isCoerced(schema)) return 'a coercion'
  const said = Object.keys(z.globalRegistry.get(schema) ?? {}).find((key) => assertions.has(key))
  if (said !== undefined) return `a ${said} that only meta says, and that zod does not ask for,`
  for (const rule of rulesOf(schema)) {
    if (rule.check === 'custom' || rule.check === 'property') return 'a refinement'
    if (rule.check === 'overwrite') return 'a change of the text, such as trim,'
    if (hasFlags(rule)) return `the flags of the regular expression ${String(rule.pattern)}`
    if (rule.protocol || rule.hostname || rule.normalize || rule.alg)
      return `a part of a ${rule.format ?? type}`
  }
  return null
}

/** What of a JSON Schema decides whether a value fits; the rest of it only describes. */
const assertions: ReadonlySet<string> = new Set(
  [
    'type enum const format nullable $ref $dynamicRef $schema $defs definitions allOf anyOf oneOf not if then else',
    'multipleOf minimum maximum exclusiveMinimum exclusiveMaximum',
    'minLength maxLength pattern contentEncoding contentMediaType',
    'items prefixItems additionalItems minItems maxItems uniqueItems unevaluatedItems',
    'contains minContains maxContains properties required additionalProperties patternProperties propertyNames',
    'minProperties maxProperties dependencies dependentRequired dependentSchemas unevaluatedProperties',
  ].flatMap((keywords) => keywords.split(' ')),
)

/** What zod checks, as far as JSON Schema may not say it. */
interface Rule {
  readonly check?: string
  readonly format?: string
  readonly pattern?: RegExp
  readonly protocol?: RegExp
  readonly hostname?: RegExp
  readonly normalize?: boolean
  readonly alg?: string | null
}

/** The rules of one schema: its own, where it is a format, and those that were added to it. */
const rulesOf = ({ _zod: { def } }: z.core.$ZodType): readonly Rule[] => [
  def as Rule,
  ...(def.checks ?? []).map(({ _zod }) => _zod.def as Rule),
]

const hasFlags = ({ pattern }: Rule): boolean => pattern instanceof RegExp && pattern.flags !== ''

const isCoerced = ({ _zod: { def } }: z.core.$ZodType): boolean => 'coerce' in def && def.coerce === true

/** Says the same so that whoever evaluates it by zod's own reading of JSON Schema comes to what zod came to. */
function spell(made: z.core.JSONSchema.BaseSchema): void {
  // Several patterns stand in `allOf`, without the type that makes them count.
  for (const part of made.allOf ?? [])
    if (typeof part === 'object' && part.pattern !== undefined) part.type ??= 'string'
  // The pattern is what was checked; the format by itself is another, and both would have to hold.
  if (made.pattern !== undefined && (made.format === 'email' || made.format === 'uuid')) delete made.format
  // The keys that a record has to have count only as properties.
  if (made.propertyNames !== undefined && made.required && !made.properties)
    made.properties = Object.fromEntries(made.required.map((key) => [key, made.additionalProperties ?? {}]))
}

function forget(made: z.core.JSONSchema.BaseSchema, keys: readonly string[]): void {
  for (const key of keys) Reflect.deleteProperty(made, key)
}

const placeOf = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? '' : ` at ${path.map(String).join('/')}`

function advice(type: string): string {
  if (type === 'date') return '; as input use z.iso.datetime(), or z.coerce.date()'
  if (type === 'undefined' || type === 'void') return '; use z.null(), or z.object({})'
  return ''
}
