import type { Json } from '@steptrail/verify'
import type { Reader } from '../trail/compose.ts'
import type { ReportDefaults, ReportScope } from './report-request.ts'

/**
 * What a column holds: `share` is from 0 to 1 and `percent` from 0 to 100, `change` a difference that may be negative,
 * `list` an array.
 */
export type ReportColumnKind =
  'text' | 'count' | 'number' | 'milliseconds' | 'seconds' | 'share' | 'percent' | 'change' | 'time' | 'list'

/** A column of a report. */
export interface ReportColumn {
  readonly name: string
  readonly kind: ReportColumnKind
}

/** A row of a report, by column; what is not known is null. */
export type ReportRow = Readonly<Record<string, Json>>

/** A question that the trail answers. */
export interface Report extends ReportDefaults {
  /** What it tells, in a sentence. */
  readonly about: string
  readonly columns: readonly ReportColumn[]
  readonly read: (reader: Reader, scope: ReportScope) => Promise<readonly ReportRow[]>
}

/** What most reports say of their requests. */
export const ofExecutions = { windowDays: 30, limit: 100, takes: [], requires: [] } as const
