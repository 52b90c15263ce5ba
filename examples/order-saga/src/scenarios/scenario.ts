import type { Database } from '@steptrail/core'
import type { Saga } from '@steptrail/saga'
import type { ExecutionState } from '@steptrail/workflow'
import type { Scene } from '../shop/scene.ts'
import type { Traces } from '../shop/traces.ts'

/** What a scenario is played with. */
export interface Stage {
  readonly database: Database
  readonly saga: Saga
  readonly scene: Scene
  readonly signal: AbortSignal
  /** Told, in a sentence, of what happens outside the workflow. */
  readonly note: (text: string) => void
}

/** What the customer chooses; the rest is the same for all. */
export interface Choices {
  readonly quantity: number
  readonly giftWrap: boolean
  readonly email: string
}

/** One order, and what happens to it. */
export interface Scenario {
  readonly title: string
  readonly story: string
  /** Name of the order, without the run's number. */
  readonly order: string
  readonly choices?: Partial<Choices>
  /** What differs from an article in plenty, a light one, and a card with a high limit. */
  readonly scene?: Partial<Pick<Scene, 'weightGrams' | 'limitCents'>>
  readonly expects: {
    readonly status: ExecutionState
    /** What the shop's tables hold at the end; what is absent is not checked. */
    readonly traces: Partial<Traces>
    /** Steps that were done and then undone, in no particular order. */
    readonly undone?: readonly string[]
    /** Steps that were skipped. */
    readonly skipped: readonly string[]
  }
  /** Before the order is placed. */
  readonly prepare?: (stage: Stage) => Promise<void>
  /** Once it was placed. */
  readonly meanwhile?: (stage: Stage, executionId: string) => Promise<void>
}
