export type {
  ActionType,
  ActionTypeInput,
  WorkflowContent,
  WorkflowContentInput,
} from './content/content-schema.ts'
export { contentHash, workflowIdOf } from './content/content-hash.ts'
export { RefusedContent } from './content/refused-content.ts'
export type {
  ActionList,
  OfferedAction,
  OfferedWorkflow,
  Pagination,
  SelectionValidation,
  WorkflowDetails,
  WorkflowList,
} from './discovery/answers.ts'
export { Discovery, type DiscoveryCaller, type DiscoveryOptions } from './discovery/discovery.ts'
export {
  type DiscoveryRequest,
  discoveryPage,
  type GetWorkflowRequest,
  type ListWorkflowsRequest,
  type PagedRequest,
  type ValidateSelectionRequest,
} from './discovery/discovery-request.ts'
export type { ParameterError, ParameterValidation } from './discovery/validate-parameters.ts'
export type { LeftOut } from './match/match-workflow.ts'
export type { SignalContext } from './match/signal-context.ts'
export type { CatalogEntries } from './register/check-entries.ts'
export { registerEntries } from './register/register-entries.ts'
export type {
  Registered,
  RegisteredActionType,
  RegisteredBy,
  RegisteredWorkflow,
} from './register/registered.ts'
export { type Scoring, scoringOf } from './score/score-workflow.ts'
export { builtInWeights, type ScoreWeights, type VersionedWeights } from './score/weights.ts'
export {
  type ChangedStatus,
  changeStatus,
  type StatusAction,
  statusActions,
  type StatusChangedBy,
} from './status/change-status.ts'
export {
  type CatalogEntry,
  type CatalogVersion,
  type CountedActionType,
  getEntry,
  listActionTypes,
} from './read/get-entry.ts'
export {
  type CatalogEntrySummary,
  type CatalogListRequest,
  type CatalogPage,
  listCatalog,
} from './read/list-catalog.ts'
export type { SuccessMetrics } from './read/success-metrics.ts'
export { setWeights, type WeightsSetBy } from './score/set-weights.ts'
export { type Standing } from './explain/explain-now.ts'
export type { ScoreDifference } from './explain/outscored.ts'
export type { NamedWorkflow, Reason } from './explain/reason.ts'
export { whyNot, type WhyNot, type WhyNotRequest } from './explain/why-not.ts'
export {
  listSelections,
  type SelectionListRequest,
  type SelectionPage,
  type SelectionSummary,
} from './selection/list-selections.ts'
export { type ExecutedWorkflow, replaySelection, type SelectionReplay } from './selection/replay.ts'
export type { Passage } from './selection/story.ts'
export type { CatalogSnapshot } from './snapshot/catalog-snapshot.ts'
export type { CatalogWorkflow } from './snapshot/catalog-workflow.ts'
export { scoreCandidates, type ScoredCandidate } from './explain/score-candidates.ts'
export { type AppliedDirectory, applyDirectory } from './register/apply-directory.ts'
export { type CatalogFile, readCatalogFile } from './register/catalog-file.ts'
export { findWorkflow } from './read/find-workflow.ts'
export { readCatalog } from './snapshot/catalog-snapshot.ts'
export { type SearchPlace, searchWorkflows } from './search/search.ts'
export type { SearchAnswer, SearchRequest, SearchResult } from './search/search-request.ts'
