import type { Json } from '@steptrail/verify'
import { isOffered, type LeftOut, reasonsLeftOut, type Situation } from '../match/match-workflow.ts'
import { type Scoring, scoreWorkflow } from '../score/score-workflow.ts'
import type { ScoreWeights } from '../score/weights.ts'
import type { CatalogSnapshot } from '../snapshot/catalog-snapshot.ts'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'

/** A workflow that is offered, with its score. */
export interface Ranked {
  readonly workflow: CatalogWorkflow
  readonly scoring: Scoring
}

/** A workflow that is not, with every reason. */
export interface Refused {
  readonly workflow: CatalogWorkflow
  readonly reasons: readonly LeftOut[]
}

/** All workflows that were considered. */
export interface Candidates {
  /** The best first; the id decides between equals. */
  readonly offered: readonly Ranked[]
  readonly leftOut: readonly Refused[]
}

/** Considers workflows for a situation. The order is total: the same workflows give the same list, in whatever order they come. */
export function considered(
  workflows: readonly CatalogWorkflow[],
  situation: Situation,
  weights: ScoreWeights,
): Candidates {
  const offered: Ranked[] = []
  const leftOut: Refused[] = []
  for (const workflow of workflows) {
    if (isOffered(workflow, situation))
      offered.push({ workflow, scoring: scoreWorkflow(workflow, situation.folded, weights) })
    else leftOut.push({ workflow, reasons: reasonsLeftOut(workflow, situation) })
  }
  return {
    offered: offered.toSorted(byScore),
    leftOut: leftOut.toSorted((a, b) => byId(a.workflow, b.workflow)),
  }
}

/** How many workflows of each action type are offered. */
export function offeredCounts(snapshot: CatalogSnapshot, situation: Situation): ReadonlyMap<string, number> {
  const offered = snapshot.groups.filter(({ workflow }) => isOffered(workflow, situation))
  const counts = new Map<string, number>()
  for (const [actionType, count] of offered.flatMap((group) => [...group.counts]))
    counts.set(actionType, (counts.get(actionType) ?? 0) + count)
  return counts
}

const byScore = (a: Ranked, b: Ranked): number =>
  b.scoring.confidence - a.scoring.confidence || byId(a.workflow, b.workflow)

const byId = (a: CatalogWorkflow, b: CatalogWorkflow): number =>
  a.workflowId < b.workflowId ? -1 : a.workflowId > b.workflowId ? 1 : 0

/** Candidates that an event names, and their size as JSON, which leaves room for what else it says. */
const mostCandidates = 200
const mostBytes = 160 * 1024

/** What an event says of the candidates: the best, then those left out, and how many more there were. */
export function candidatesJson({ offered, leftOut }: Candidates): Readonly<Record<string, Json>> {
  const candidates: Json[] = []
  let bytes = 0
  for (const candidate of inOrder(offered, leftOut)) {
    if (candidates.length === mostCandidates) break
    const json = candidateJson(candidate)
    bytes += Buffer.byteLength(JSON.stringify(json))
    if (bytes > mostBytes) break
    candidates.push(json)
  }
  return { candidates, candidatesOmitted: offered.length + leftOut.length - candidates.length }
}

function* inOrder(
  offered: readonly Ranked[],
  leftOut: readonly Refused[],
): Generator<Ranked | Refused, void, undefined> {
  yield* offered
  yield* leftOut
}

function candidateJson(candidate: Ranked | Refused): Json {
  const { workflowId, workflowName, version } = candidate.workflow
  if ('reasons' in candidate)
    return {
      workflowId,
      workflowName,
      version,
      finalScore: null,
      scoring: null,
      leftOut: candidate.reasons.map((reason) => ({ ...reason })),
    }
  return {
    workflowId,
    workflowName,
    version,
    finalScore: candidate.scoring.confidence,
    scoring: { ...candidate.scoring },
    leftOut: [],
  }
}
