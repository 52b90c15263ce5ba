import { sha256 } from '@steptrail/core'
import type { EventInput } from '@steptrail/event'
import { canonicalJson } from '@steptrail/verify'
import type { Caller } from '../discovery/selection-event.ts'
import type { SuccessMetrics } from '../read/success-metrics.ts'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'
import type { Found } from './rank-workflows.ts'
import type { CompleteSearch, SearchResult } from './search-request.ts'

/** A search, and what came of it. */
export interface Searched {
  readonly given: CompleteSearch
  readonly found: number
  readonly considered: number
  readonly answered: readonly SearchResult[]
  readonly page: readonly Found[]
  readonly metrics: readonly SuccessMetrics[]
}

/** Who searched, and the service that the event names. */
export interface SearchedBy {
  readonly caller: Caller
  readonly serviceName?: string | undefined
}

/** The event, as it was printed for version 2.0: the embedding fields are null, since there are no embeddings. */
export function searchEvent(
  { given, found, considered, answered, page, metrics }: Searched,
  { durationMs, queryTimeMs }: { readonly durationMs: number; readonly queryTimeMs: number },
  { caller, serviceName = 'data-storage' }: SearchedBy,
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
