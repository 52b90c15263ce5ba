import type { Json } from '@steptrail/verify'
import type { ErrorObject } from 'ajv'
import type { ParameterSchema, ParameterSchemas } from '../content/parameter-schema.ts'

/** One thing that is wrong with parameters. */
export interface ParameterError {
  /** The parameter, or a place in it, as a JSON Pointer; empty for all of them. */
  readonly path: string
  readonly message: string
}

/** What came of the check of parameters. */
export interface ParameterValidation {
  /** How many the schema names. */
  readonly totalParameters: number
  /** How many of those that must be given were. */
  readonly requiredProvided: number
  /** How many of the others were. */
  readonly optionalProvided: number
  readonly validationErrors: readonly ParameterError[]
}

/** A schema under the hash of the content that it is from. */
export interface SchemaOfContent {
  readonly contentHash: string
  readonly parameters: ParameterSchema
}

/** Errors told of at most. */
const mostErrors = 50

/**
 * Checks parameters against their schema. A parameter that the schema does not name is an error, unless the schema
 * says what is to become of such: else a misspelled one would be passed over in silence.
 */
export function validateParameters(
  { contentHash, parameters: schema }: SchemaOfContent,
  given: Readonly<Record<string, Json>>,
  schemas: ParameterSchemas,
): ParameterValidation {
  const names = parameterNames(schema)
  const required = requiredNames(schema)
  const isGiven = (name: string): boolean => Object.hasOwn(given, name)
  const check = schemas.validator(contentHash, schema)
  const errors = check(given) ? [] : (check.errors ?? []).map(errorOf)
  const unknown = isClosed(schema) ? Object.keys(given).filter((name) => !names.includes(name)) : []
  return {
    totalParameters: names.length,
    requiredProvided: required.filter(isGiven).length,
    optionalProvided: names.filter((name) => isGiven(name) && !required.includes(name)).length,
    validationErrors: [...errors, ...unknown.map((name) => unknownParameter(name, names))].slice(
      0,
      mostErrors,
    ),
  }
}

/** The parameters that a schema names. */
export const parameterNames = ({ properties }: ParameterSchema): readonly string[] =>
  isObject(properties) ? Object.keys(properties) : []

const requiredNames = ({ required }: ParameterSchema): readonly string[] =>
  Array.isArray(required) ? required.filter((name) => typeof name === 'string') : []

/** Keywords by which a schema says of itself what is to become of parameters that it does not name. */
const openings = [
  'additionalProperties',
  'unevaluatedProperties',
  'patternProperties',
  'propertyNames',
  '$ref',
  'allOf',
  'anyOf',
  'oneOf',
  'if',
  'dependentSchemas',
]

const isClosed = (schema: ParameterSchema): boolean =>
  openings.every((keyword) => !Object.hasOwn(schema, keyword))

function errorOf({ instancePath, message = 'is refused', params, keyword }: ErrorObject): ParameterError {
  const named =
    keyword === 'additionalProperties' ? ` (${String(params['additionalProperty']).slice(0, 80)})` : ''
  const allowed = keyword === 'enum' ? `: ${JSON.stringify(params['allowedValues']).slice(0, 400)}` : ''
  return { path: instancePath.slice(0, 400), message: `${message}${named}${allowed}` }
}

const unknownParameter = (name: string, names: readonly string[]): ParameterError => ({
  path: `/${name.replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 80)}`,
  message: `is no parameter of this workflow: it has ${names.join(', ').slice(0, 400) || 'none'}`,
})

const isObject = (value: unknown): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
