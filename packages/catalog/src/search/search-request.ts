import { valuesByName } from '@steptrail/event'
import { z } from 'zod'
import { said } from '../discovery/discovery-request.ts'
import type { Scoring } from '../score/score-workflow.ts'

/** What the deprecated search is asked. */
export interface SearchRequest {
  readonly query: string
  /** Labels by name: the four of the gate leave workflows out, all others move the score. */
  readonly filters?: Readonly<Record<string, string>> | undefined
  /** Results at most, 1 to 100; 3 unless given. */
  readonly top_k?: number | undefined
  /** The least similarity, 0 to 1; 0.7 unless given. */
  readonly min_similarity?: number | undefined
  readonly remediation_id: string
}

/** A workflow that was found. */
export interface SearchResult {
  /** Its name. */
  readonly workflow_id: string
  readonly workflow_uuid: string
  readonly version: string
  readonly title: string
  readonly description: string
  readonly rank: number
  readonly scoring: Scoring
  readonly labels: Readonly<Record<string, string>>
}

/** The answer of the deprecated search. */
export interface SearchAnswer {
  readonly total_found: number
  readonly returned: number
  readonly workflows: readonly SearchResult[]
}

/** The schema of the request, with its defaults. */
export const searchRequestSchema = z.strictObject({
  query: z.string('is not text').min(1, 'is empty').max(1_000, 'is longer than 1000 characters'),
  filters: valuesByName(said, said).default({}),
  top_k: z.int('is not a whole number').min(1, 'is less than 1').max(100, 'is more than 100').default(3),
  min_similarity: z.number('is not a number').min(0, 'is less than 0').max(1, 'is more than 1').default(0.7),
  remediation_id: said,
})

/** The request, complete. */
export type CompleteSearch = z.output<typeof searchRequestSchema>
