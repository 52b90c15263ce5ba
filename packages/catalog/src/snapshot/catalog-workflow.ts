import type { CatalogStatus, GateLabel } from '@steptrail/workflow'

/** A workflow as it is matched and scored: all of it but its parameters and its definition. */
export interface CatalogWorkflow {
  readonly workflowId: string
  readonly workflowName: string
  readonly version: string
  readonly actionType: string
  readonly actionTypeIsActive: boolean
  readonly title: string
  readonly description: string
  readonly labels: Readonly<Record<GateLabel, readonly string[]>>
  readonly customLabels: Readonly<Record<string, readonly string[]>>
  readonly detectedLabels: Readonly<Record<string, boolean>>
  readonly owner: string | null
  readonly maintainer: string | null
  readonly status: CatalogStatus
  readonly disabledReason: string | null
  readonly previousVersion: string | null
  readonly versionNotes: string | null
  readonly approvedBy: string | null
  readonly approvedAt: string | null
  readonly expectedSuccessRate: number | null
  readonly contentHash: string
  readonly registeredAt: string
  readonly statusChangedAt: string
  /** Its labels without regard to letter case. */
  readonly folded: FoldedLabels
}

/** Labels without regard to letter case. */
export interface FoldedLabels {
  readonly labels: Readonly<Record<GateLabel, ReadonlySet<string>>>
  readonly custom: ReadonlyMap<string, ReadonlySet<string>>
  readonly detected: ReadonlyMap<string, boolean>
}
