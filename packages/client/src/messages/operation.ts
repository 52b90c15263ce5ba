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

/** What recorders lost. */
export const recorderLossesSchema = named(
  'RecorderLosses',
  z.strictObject({
    /** What became of the events of the recorder in the process that answers, since it began. */
    server: z.strictObject({
      recorder_id: z.string(),
      emitted: z.int(),
      written: z.int(),
      /** On disk when they could not be written; not lessened when they are written from there. */
      spooled: z.int(),
      /** In memory. */
      pending: z.int(),
      /** By the reason. */
      dropped: z.record(z.string(), z.int()),
    }),
    /**
     * Numbers that are missing among the newest 50,000 events of the last day, by recorder, the largest loss first: events
     * that were dropped, or that wait in a spool. Null for whoever sees one tenant only.
     */
    gaps: z
      .array(
        z.strictObject({
          recorder_id: z.string(),
          service_name: z.string().nullable(),
          missing: z.int(),
          last_at: z.string(),
        }),
      )
      .nullable(),
  }),
)

/** See `readinessSchema`. */
export type Readiness = z.output<typeof readinessSchema>
/** See `limitsSchema`. */
export type Limits = z.output<typeof limitsSchema>
/** See `recorderLossesSchema`. */
export type RecorderLosses = z.output<typeof recorderLossesSchema>
