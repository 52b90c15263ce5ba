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

/** The compilers of schemas. Each compiled schema stands alone: it is forgotten as soon as it is compiled. */
export class ParameterSchemas {
  readonly #draft7 = prepared(new Ajv(options))
  readonly #draft2020 = prepared(new Ajv2020(options))
  readonly #compiled = new Map<string, ValidateFunction>()

  /** What makes the schema unfit for parameters; null when it is fit. */
  problemOf(schema: ParameterSchema): SchemaProblem | null {
    if (schema['type'] !== 'object')
      return { path: ['type'], problem: 'is not "object": parameters are an object of values by name' }
    const ajv = this.#compilerOf(schema)
    try {
      if (ajv.validateSchema(schema) !== true) {
        const [error] = ajv.errors ?? []
        return {
          path: pathOf(error?.instancePath ?? ''),
          problem: `is no JSON Schema: ${error?.message ?? 'malformed'}`,
        }
      }
      this.#compile(schema)
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
    const made = this.#compile(schema)
    this.#compiled.set(contentHash, made)
    return made
  }

  #compile(schema: ParameterSchema): ValidateFunction {
    const ajv = this.#compilerOf(schema)
    try {
      return ajv.compile(schema)
    } finally {
      ajv.removeSchema(schema)
    }
  }

  #compilerOf(schema: ParameterSchema): Ajv | Ajv2020 {
    const draft = schema['$schema']
    return typeof draft === 'string' && draft.includes('draft-07') ? this.#draft7 : this.#draft2020
  }
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
