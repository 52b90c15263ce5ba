import type { z } from 'zod'

/** The schema under a name of its own, by which descriptions of the API refer to it. */
export const named = <Schema extends z.ZodType>(id: string, schema: Schema): Schema =>
  schema.meta({ ...schema.meta(), id })
