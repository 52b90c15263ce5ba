import type { Reader } from '@steptrail/core'
import { gateLabels } from '@steptrail/workflow'
import { fitOf, reasonsNotActive } from '../match/match-workflow.ts'
import type { FoldedContext, SignalContext } from '../match/signal-context.ts'
import { movesOf, type Scoring, scoringOf } from '../score/score-workflow.ts'
import type { CatalogSnapshot } from '../snapshot/catalog-snapshot.ts'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'
import { shareOfTrigrams, trigramsOf } from './similarity.ts'

/** The names that filters have in requests of old, as labels. */
export function contextOfFilters(filters: Readonly<Record<string, string>>): SignalContext {
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
export const mayBeFound = (workflow: CatalogWorkflow, context: FoldedContext): boolean =>
  reasonsNotActive(workflow).length === 0 &&
  gateLabels.every((label) => context.gate[label] === null || fitOf(workflow, label, context) !== 'none')

/** What phase 2 ranks by. */
export interface Search {
  readonly query: string
  readonly min_similarity: number
  readonly context: FoldedContext
  readonly shares: ReadonlyMap<string, number>
  readonly snapshot: CatalogSnapshot
}

/** A workflow that was found. */
export interface Found {
  readonly workflow: CatalogWorkflow
  readonly scoring: Scoring
}

/** Phase 2: similarity, then what labels add and take. */
export function ranked(candidates: readonly CatalogWorkflow[], search: Search): readonly Found[] {
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
export async function textShares(
  { query }: Reader,
  tenant: string,
  text: string,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await query<{ id: string; share: number }>(selectShares, [tenant, text])
  return new Map(rows.map(({ id, share }) => [id, share]))
}

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
