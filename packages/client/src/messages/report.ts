import { z } from 'zod'
import { named } from './named.ts'

const columnSchema = z.strictObject({
  name: z.string(),
  /** `share` is from 0 to 1, `percent` from 0 to 100, `change` a difference, `list` an array. */
  kind: z.string(),
})

/** A report as it was made: of which window, with which columns. */
export const reportMadeSchema = named(
  'AnalyticsReport',
  z.strictObject({
    report: z.string(),
    about: z.string(),
    window: z.strictObject({ since: z.string(), until: z.string() }),
    columns: z.array(columnSchema),
    rows: z.array(z.record(z.string(), z.unknown())),
  }),
)

/** What reports there are, and what each takes and needs, by the names of the parameters. */
export const reportListSchema = named(
  'AnalyticsReportList',
  z.strictObject({
    reports: z.array(
      z.strictObject({
        report: z.string(),
        about: z.string(),
        /** How far back it looks unless asked otherwise. */
        window_days: z.int(),
        /** Of the parameters that some reports refuse, those that this one takes. */
        takes: z.array(z.string()),
        requires: z.array(z.string()),
        columns: z.array(columnSchema),
      }),
    ),
  }),
)

/** See `reportMadeSchema`. */
export type Report = z.output<typeof reportMadeSchema>
/** See `reportListSchema`. */
export type ReportList = z.output<typeof reportListSchema>
