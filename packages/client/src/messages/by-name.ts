import { valuesByName } from '@steptrail/event'
import { z } from 'zod'

/** What the server is told by names of the caller's choice, such as labels; documents show its values as JSON Schema says. */
export const byName = <Value extends z.ZodType>(value: Value, shown: z.core.JSONSchema.BaseSchema) =>
  valuesByName(z.string(), value).meta({
    type: 'object',
    additionalProperties: shown,
  })
