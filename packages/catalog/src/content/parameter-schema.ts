import type { Json } from '@steptrail/verify'
import { Ajv, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

/** A JSON Schema of parameters: draft 7 if its `$schema` says so, else 2020-12. */
export type ParameterSchema = Readonly<Record<string, Json>>

/** What is wrong with a schema, and where in it. */
export interface SchemaProblem {
  readonly path: readonly PropertyKey[]
  readonly problem: string
}

/** Every error at once, and keywords that no draft knows are errors: they are mostly typing mistakes. */
const options = {
  allErrors: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  strictTuples: false,
}

/** What descriptions of APIs put beside the keywords of JSON Schema. */
const annotations = ['example', 'x-order', 'x-unit']

/**
 * The compilers of schemas. Each schema is compiled by a compiler of its own: one that has seen others knows their
 * `$id`s, so that a schema could refer to one of another catalogue, or take the place of the drafts' own.
 */
export class ParameterSchemas {
  /** They know the drafts and check against them, and are never given a schema to compile. */
  readonly #draft7 = prepared(new Ajv(options))
  readonly #draft2020 = prepared(new Ajv2020(options))
  readonly #compiled = new Map<string, ValidateFunction>()

  /** What makes the schema unfit for parameters; null when it is fit. */
  problemOf(schema: ParameterSchema): SchemaProblem | null {
    if (schema['type'] !== 'object')
      return { path: ['type'], problem: 'is not "object": parameters are an object of values by name' }
    if (Object.hasOwn(schema, '$async'))
      return { path: ['$async'], problem: 'is no keyword of JSON Schema: leave it out' }
    const draft = isDraft7(schema) ? this.#draft7 : this.#draft2020
    try {
      if (draft.validateSchema(schema) !== true) {
        const [error] = draft.errors ?? []
        return {
          path: pathOf(error?.instancePath ?? ''),
          problem: `is no JSON Schema: ${error?.message ?? 'malformed'}`,
        }
      }
      compiled(schema)
      return null
    } catch (error) {
      return {
        path: [],
        problem: `is no JSON Schema: ${error instanceof Error ? error.message : String(error)}`,
      }
    }
  }

  /** The check of a schema that is fit, compiled once for each content. */
  validator(contentHash: string, schema: ParameterSchema): ValidateFunction {
    const known = this.#compiled.get(contentHash)
    if (known) return known
    if (this.#compiled.size >= mostCompiled) this.#compiled.clear()
    const made = compiled(schema)
    this.#compiled.set(contentHash, made)
    return made
  }
}

/** Without the drafts, against which it was checked before. */
function compiled(schema: ParameterSchema): ValidateFunction {
  const alone = { ...options, meta: false, validateSchema: false }
  return prepared(isDraft7(schema) ? new Ajv(alone) : new Ajv2020(alone)).compile(schema)
}

function isDraft7({ $schema }: ParameterSchema): boolean {
  return typeof $schema === 'string' && $schema.includes('draft-07')
}

/** Compiled schemas kept at a time. */
const mostCompiled = 2_000

function prepared<Compiler extends Ajv | Ajv2020>(ajv: Compiler): Compiler {
  formats['default'](ajv)
  ajv.addVocabulary(annotations)
  return ajv
}

/** `/properties/a` → `['properties', 'a']` */
const pathOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
