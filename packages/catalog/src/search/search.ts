import { type Reader, sha256 } from '@steptrail/core'
import type { EventInput } from '@steptrail/event'
import type { Recorder } from '@steptrail/recorder'
import { canonicalJson } from '@steptrail/verify'
import { gateLabels } from '@steptrail/workflow'
import { z } from 'zod'
import { parsedRequest, said } from '../discovery/discovery-request.ts'
import type { Caller } from '../discovery/selection-event.ts'
import { fitOf, reasonsNotActive } from '../match/match-workflow.ts'
import { type FoldedContext, foldedContext, type SignalContext } from '../match/signal-context.ts'
import { type SuccessMetrics, successMetrics } from '../read/success-metrics.ts'
import { movesOf, type Scoring, scoringOf } from '../score/score-workflow.ts'
import type { CatalogSnapshot } from '../snapshot/catalog-snapshot.ts'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'
import { shareOfTrigrams, trigramsOf } from './similarity.ts'

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

/** Where a search looks, and how it is recorded. */
export interface SearchPlace {
  readonly reader: Reader
  readonly snapshot: CatalogSnapshot
  readonly caller: Caller
  readonly recorder: Pick<Recorder, 'record'>
  readonly serviceName?: string | undefined
  /** Milliseconds, for durations. Default: those of this process. */
  readonly now?: (() => number) | undefined
}

const requestSchema = z.strictObject({
  query: z.string('is not text').min(1, 'is empty').max(1_000, 'is longer than 1000 characters'),
  filters: z.record(said, said).default({}),
  top_k: z.int('is not a whole number').min(1, 'is less than 1').max(100, 'is more than 100').default(3),
  min_similarity: z.number('is not a number').min(0, 'is less than 0').max(1, 'is more than 1').default(0.7),
  remediation_id: said,
})

/**
 * The search of before the three steps, in two phases: labels, then similarity. Similarity is the share of the query that
 * a workflow has, by PostgreSQL's text search or by trigrams, whichever is more. Leaves one event.
 *
 * @throws TrailError `invalid_input` naming the field
 */
export async function searchWorkflows(request: SearchRequest, place: SearchPlace): Promise<SearchAnswer> {
  const { now = () => performance.now(), snapshot, reader, caller } = place
  const began = now()
  const given = parsedRequest(request, requestSchema)
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

/** The names that filters have in requests of old, as labels. */
function contextOfFilters(filters: Readonly<Record<string, string>>): SignalContext {
  const isGate = (name: string): boolean => gateLabels.some((label) => label === name)
  const gate = Object.fromEntries(Object.entries(filters).filter(([name]) => isGate(name)))
  const others = Object.entries(filters).filter(([name]) => !isGate(name))
  return {
    ...gate,
    customLabels: Object.fromEntries(others),
    detectedLabels: Object.fromEntries(
      others.flatMap(([name, value]) =>
        value === 'true' || value === 'false' ? [[name, value === 'true']] : [],
      ),
    ),
  }
}

/** Phase 1. A label that is not given leaves nothing out: this search knew no gate, and is not for agents. */
const mayBeFound = (workflow: CatalogWorkflow, context: FoldedContext): boolean =>
  reasonsNotActive(workflow).length === 0 &&
  gateLabels.every((label) => context.gate[label] === null || fitOf(workflow, label, context) !== 'none')

interface Search {
  readonly query: string
  readonly min_similarity: number
  readonly context: FoldedContext
  readonly shares: ReadonlyMap<string, number>
  readonly snapshot: CatalogSnapshot
}

interface Found {
  readonly workflow: CatalogWorkflow
  readonly scoring: Scoring
}

/** Phase 2: similarity, then what labels add and take. */
function ranked(candidates: readonly CatalogWorkflow[], search: Search): readonly Found[] {
  const query = trigramsOf(search.query)
  const { weights } = search.snapshot.weights
  return candidates
    .map((workflow) => ({ workflow, base: similarityOf(workflow, query, search.shares) }))
    .filter(({ base }) => base >= search.min_similarity)
    .map(({ workflow, base }) => ({
      workflow,
      scoring: scoringOf({ base, ...movesOf(workflow, search.context, weights) }),
    }))
    .toSorted(
      (a, b) =>
        b.scoring.confidence - a.scoring.confidence ||
        (a.workflow.workflowId < b.workflow.workflowId ? -1 : 1),
    )
}

function similarityOf(
  workflow: CatalogWorkflow,
  query: ReadonlySet<string>,
  shares: ReadonlyMap<string, number>,
): number {
  const { workflowName, title, description, actionType, labels, customLabels } = workflow
  const values = [...Object.values(labels), ...Object.values(customLabels)].flat()
  const text = trigramsOf([workflowName, title, description, actionType, ...values].join(' '))
  return Math.max(shares.get(workflow.workflowId) ?? 0, shareOfTrigrams(query, text))
}

/** For each workflow that has any of them, the share of the query's words that it has. */
async function textShares(
  { query }: Reader,
  tenant: string,
  text: string,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await query<{ id: string; share: number }>(selectShares, [tenant, text])
  return new Map(rows.map(({ id, share }) => [id, share]))
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

interface Searched {
  readonly given: z.output<typeof requestSchema>
  readonly found: number
  readonly considered: number
  readonly answered: readonly SearchResult[]
  readonly page: readonly Found[]
  readonly metrics: readonly SuccessMetrics[]
}

/** The event, as it was printed for version 2.0: the embedding fields are null, since there are no embeddings. */
function searchEvent(
  { given, found, considered, answered, page, metrics }: Searched,
  { durationMs, queryTimeMs }: { readonly durationMs: number; readonly queryTimeMs: number },
  { caller, serviceName = 'data-storage' }: SearchPlace,
): EventInput {
  const { query: text, filters, top_k, min_similarity, remediation_id } = given
  return {
    eventType: 'workflow.catalog.search_completed',
    status: 'SUCCESS',
    severity: 'info',
    serviceName,
    correlationId: remediation_id,
    tenant: caller.tenant,
    actorType: caller.actor?.type ?? 'system',
    actorId: caller.actor?.id ?? 'system',
    resourceType: 'workflow_catalog',
    resourceId: sha256(canonicalJson({ text, filters, top_k, min_similarity })),
    action: 'search',
    durationMs,
    details: {
      query: { text, filters, top_k, min_similarity },
      results: {
        total_found: found,
        returned: answered.length,
        candidates_considered: considered,
        workflows: answered.map(({ description: _, scoring, ...result }, index) => ({
          ...result,
          scoring: { ...scoring },
          ...historyOf(page[index]?.workflow),
          success_metrics: metricsOf(metrics[index]),
          content_hash: page[index]?.workflow.contentHash ?? null,
        })),
      },
      search_metadata: {
        duration_ms: durationMs,
        db_query_time_ms: queryTimeMs,
        embedding_generation_time_ms: null,
        embedding_dimensions: null,
        embedding_model: null,
        index_used: 'labels in memory, text search and trigrams',
        cache_hit: false,
      },
    },
  }
}

const historyOf = (workflow: CatalogWorkflow | undefined) => ({
  owner: workflow?.owner ?? null,
  maintainer: workflow?.maintainer ?? null,
  previous_version: workflow?.previousVersion ?? null,
  version_notes: workflow?.versionNotes ?? null,
  approved_by: workflow?.approvedBy ?? null,
  approved_at: workflow?.approvedAt ?? null,
})

const metricsOf = (metrics: SuccessMetrics | undefined) => ({
  expected_success_rate: metrics?.expectedSuccessRate ?? null,
  actual_success_rate: metrics?.actualSuccessRate ?? null,
  total_executions: metrics?.totalExecutions ?? 0,
  successful_executions: metrics?.successfulExecutions ?? 0,
})

/** A lexeme of the query that stands in the text is a word that the text has. */
const selectShares = `
with word as (
  select lexeme
  from unnest(to_tsvector('english', $2))
)
select
  workflow.workflow_id as id,
  count(*)::float8 / (select count(*) from word) as share
from workflow_catalog as workflow
join word
  on word.lexeme = any(tsvector_to_array(workflow.search_text))
where workflow.tenant = $1
  and workflow.status = 'active'
group by workflow.workflow_id`
