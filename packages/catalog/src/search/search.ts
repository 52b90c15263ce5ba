import type { Reader } from '@steptrail/core'
import type { Recorder } from '@steptrail/recorder'
import { parsedRequest } from '../discovery/discovery-request.ts'
import { foldedContext } from '../match/signal-context.ts'
import { successMetrics } from '../read/success-metrics.ts'
import type { Scoring } from '../score/score-workflow.ts'
import type { CatalogSnapshot } from '../snapshot/catalog-snapshot.ts'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'
import { contextOfFilters, mayBeFound, ranked, textShares } from './rank-workflows.ts'
import { searchEvent, type SearchedBy } from './search-event.ts'
import {
  type SearchAnswer,
  type SearchRequest,
  searchRequestSchema,
  type SearchResult,
} from './search-request.ts'

/** Where a search looks, and how it is recorded. */
export interface SearchPlace extends SearchedBy {
  readonly reader: Reader
  readonly snapshot: CatalogSnapshot
  readonly recorder: Pick<Recorder, 'record'>
  /** Milliseconds, for durations. Default: those of this process. */
  readonly now?: (() => number) | undefined
}

/**
 * The search of before the three steps, in two phases: labels, then similarity. Similarity is the share of the query that
 * a workflow has, by PostgreSQL's text search or by trigrams, whichever is more. Leaves one event.
 *
 * @throws TrailError `invalid_input` naming the field
 */
export async function searchWorkflows(request: SearchRequest, place: SearchPlace): Promise<SearchAnswer> {
  const { now = () => performance.now(), snapshot, reader, caller } = place
  const began = now()
  const given = parsedRequest(request, searchRequestSchema)
  const context = foldedContext(contextOfFilters(given.filters))
  const candidates = snapshot.workflows.filter((workflow) => mayBeFound(workflow, context))
  const asked = now()
  const shares = await textShares(reader, caller.tenant, given.query)
  const queryTimeMs = Math.round(now() - asked)
  const found = ranked(candidates, { ...given, context, shares, snapshot })
  const page = found.slice(0, given.top_k)
  const metrics = await successMetrics(
    reader,
    page.map(({ workflow }) => workflow),
    caller.tenant,
  )
  const answered = page.map(({ workflow, scoring }, index) => resultOf(workflow, scoring, index + 1))
  place.recorder.record(
    searchEvent(
      { given, found: found.length, considered: candidates.length, answered, page, metrics },
      { durationMs: Math.round(now() - began), queryTimeMs },
      place,
    ),
  )
  return { total_found: found.length, returned: page.length, workflows: answered }
}

const resultOf = (workflow: CatalogWorkflow, scoring: Scoring, rank: number): SearchResult => ({
  workflow_id: workflow.workflowName,
  workflow_uuid: workflow.workflowId,
  version: workflow.version,
  title: workflow.title,
  description: workflow.description,
  rank,
  scoring,
  labels: flatLabels(workflow),
})

/** Labels as the search of old had them: one text each. */
const flatLabels = ({
  labels,
  customLabels,
  detectedLabels,
}: CatalogWorkflow): Readonly<Record<string, string>> =>
  Object.fromEntries<string>([
    ...Object.entries({ ...labels, ...customLabels }).map(
      ([name, values]) => [name, values.join(',')] as const,
    ),
    ...Object.entries(detectedLabels).map(([name, value]) => [name, String(value)] as const),
  ])
