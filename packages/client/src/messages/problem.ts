import { z } from 'zod'
import { named } from './named.ts'

/** An error as the API tells it: RFC 9457, with our own `code` for programs. */
export const problemSchema = named(
  'Problem',
  z.looseObject({
    /** `urn:steptrail:error:` and the code. */
    type: z.string(),
    title: z.string(),
    /** The HTTP status. */
    status: z.int(),
    /** What happened, with the value. */
    detail: z.string(),
    /** The path that was asked for. */
    instance: z.string(),
    code: z.string(),
    /** What to do. */
    action: z.string(),
    /** The parameter or the field that is wrong, where one is. */
    parameter: z.string().optional(),
  }),
)

/** See `problemSchema`. */
export type Problem = z.output<typeof problemSchema>
