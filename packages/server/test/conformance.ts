import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { OpenApiDocument } from '../src/index.ts'

interface MediaTypes {
  readonly [mediaType: string]: { readonly schema?: object }
}

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: MediaTypes }>>
}

/** An answer as far as its description has to do with it. */
export interface DescribedAnswer {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly mediaType: string
  readonly body: unknown
}

/** What is wrong with an answer by the API's own description; null when nothing is. */
export type Conformance = (answer: DescribedAnswer) => string | null

/** Checks answers against a description. */
export function conformanceWith(document: OpenApiDocument): Conformance {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'api', components: document.components })
  const validators = new Map<object, ValidateFunction>()
  const validatorOf = (schema: object): ValidateFunction => {
    const known = validators.get(schema)
    if (known) return known
    const text = JSON.stringify(schema).replaceAll('"#/components', '"api#/components')
    const made = ajv.compile(JSON.parse(text) as object)
    validators.set(schema, made)
    return made
  }
  return ({ method, path, status, mediaType, body }) => {
    const operation = operationOf(document, method, path)
    if (!operation) return status === 404 || status === 405 ? null : `${method} ${path} is not described`
    const described =
      operation.responses[String(status)] ?? (status >= 400 ? operation.responses['default'] : undefined)
    if (!described) return `${method} ${path} answers ${status}, which is not described`
    const content = described.content?.[mediaType]
    if (!content) return `${method} ${path} answers ${status} with ${mediaType}, which is not described`
    if (!mediaType.endsWith('json') || mediaType.includes('ndjson')) return null
    const validate = validatorOf(content.schema ?? {})
    return validate(body) ? null : `${method} ${path} ${status}: ${ajv.errorsText(validate.errors)}`
  }
}

function operationOf({ paths = {} }: OpenApiDocument, method: string, path: string): Operation | undefined {
  const found = Object.entries(paths)
    .filter(([template]) =>
      new RegExp(`^${template.replace('{path}', '.+').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
    )
    .toSorted(([a], [b]) => a.split('{').length - b.split('{').length)
  for (const [, item] of found) {
    const operation = (item as Readonly<Record<string, unknown>>)[method.toLowerCase()]
    if (operation) return operation as Operation
  }
  return undefined
}
