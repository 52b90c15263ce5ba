import type { Actor } from '@steptrail/event'

/** Who registers, and in whose catalogue. */
export interface RegisteredBy {
  readonly actor: Actor
  /** Default `default`. */
  readonly tenant?: string | undefined
  /** Default: that it was registered. */
  readonly reason?: string | undefined
}

/** What became of one workflow. */
export interface RegisteredWorkflow {
  readonly workflowId: string
  readonly workflowName: string
  readonly version: string
  readonly contentHash: string
  /** `unchanged`: it was registered with the same content before, and nothing was changed. */
  readonly outcome: 'registered' | 'unchanged'
  /** The versions that are no longer offered for it. */
  readonly superseded: readonly string[]
}

/** What became of one action type. */
export interface RegisteredActionType {
  readonly actionType: string
  readonly outcome: 'registered' | 'changed' | 'unchanged'
}

/** What became of them all. */
export interface Registered {
  readonly actionTypes: readonly RegisteredActionType[]
  readonly workflows: readonly RegisteredWorkflow[]
}
