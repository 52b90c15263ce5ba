import type { Json } from '@steptrail/verify'
import type { WorkflowDefinition } from './definition.ts'

/** The labels by which the catalogue decides whether a workflow may be used. */
export const gateLabels = ['severity', 'component', 'environment', 'priority'] as const
/** See `gateLabels`. */
export type GateLabel = (typeof gateLabels)[number]

/** What the catalogue is told of a workflow, beside its name, version and parameters. */
export interface CatalogOffer {
  /** What it does: the name of an action type, such as `ScaleReplicas`. */
  readonly actionType: string
  readonly title: string
  readonly description: string
  /** Where it may be used: for each label at least one value; `*` stands for any. */
  readonly labels: Readonly<Record<GateLabel, readonly string[]>>
  /** Further labels, each a list of values; they move the score. Default: none. */
  readonly customLabels?: Readonly<Record<string, readonly string[]>> | undefined
  /** What it is made for, true or false by label; they move the score. Default: none. */
  readonly detectedLabels?: Readonly<Record<string, boolean>> | undefined
  readonly owner?: string | null | undefined
  readonly maintainer?: string | null | undefined
  readonly previousVersion?: string | null | undefined
  readonly versionNotes?: string | null | undefined
  readonly approvedBy?: string | null | undefined
  /** ISO 8601. */
  readonly approvedAt?: string | null | undefined
  /** From 0 to 1. */
  readonly expectedSuccessRate?: number | null | undefined
}

/** All that a version of a workflow is in the catalogue. */
export interface CatalogContent extends CatalogOffer {
  readonly workflowName: string
  readonly version: string
  /** JSON Schema of its parameters, which are the input of its executions. */
  readonly parameters: { readonly [key: string]: Json }
  /** What is executed, where it is known here. */
  readonly definition?: WorkflowDefinition | { readonly [key: string]: Json } | null | undefined
}

/** The entry of the catalogue that offers a workflow; its input is what is to be given as parameters. */
export const catalogContentOf = (definition: WorkflowDefinition, offer: CatalogOffer): CatalogContent => ({
  ...offer,
  workflowName: definition.name,
  version: definition.version,
  parameters: definition.input as { readonly [key: string]: Json },
  definition,
})
