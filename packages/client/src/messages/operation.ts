import { z } from 'zod'
import { named } from './named.ts'

/** Whether the server runs. */
export const healthSchema = named('Health', z.strictObject({ status: z.literal('ok'), version: z.string() }))

/** Whether the server can do its work, by what it needs for it. */
export const readinessSchema = named(
  'Readiness',
  z.strictObject({
    status: z.enum(['ready', 'not_ready']),
    /** What the process does: `api`, `ingest`, `clock`, `seal`, `retain`. */
    roles: z.array(z.string()),
    components: z.record(
      z.string(),
      /** `degraded`: it does not do its work, and requests do not need it. */
      z.strictObject({ status: z.enum(['ok', 'degraded', 'failed']), detail: z.string().optional() }),
    ),
  }),
)

/** What the server takes at most. */
export const limitsSchema = named(
  'Limits',
  z.strictObject({
    /** Of one request that records. */
    recording: z.strictObject({ events: z.int(), bodyBytes: z.int() }),
    /** Of one event. */
    event: z.record(z.string(), z.int()),
    page: z.strictObject({ default: z.int(), max: z.int() }),
  }),
)

/** See `readinessSchema`. */
export type Readiness = z.output<typeof readinessSchema>
/** See `limitsSchema`. */
export type Limits = z.output<typeof limitsSchema>
