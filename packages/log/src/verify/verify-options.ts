import type { Clock } from '@steptrail/event'
import type { Defect, TreePosition, VerifierKey } from '@steptrail/verify'
import type { OutsideMemory } from '../memory/outside-memory.ts'

/** How to verify. */
export interface VerifyOptions {
  /**
   * Keys that are trusted because they were given from outside. Without any, those that the database itself names are
   * believed, and the report says so.
   */
  readonly keys?: readonly VerifierKey[] | undefined
  /** The checkpoints remembered outside the database; without them, a log that was cut off and signed looks whole. */
  readonly memory?: OutsideMemory | undefined
  /** The name of the log if it is not made from the database's identity. */
  readonly origin?: string | undefined
  /** ISO 8601: begin with the first checkpoint of the past that was signed before, whose root is believed. */
  readonly since?: string | undefined
  /** Entries read at once; 2000 unless given. */
  readonly batchSize?: number | undefined
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined
  /** Ends the walk; the report then says how far it came. */
  readonly signal?: AbortSignal | undefined
  /** Where a walk that was ended before goes on. */
  readonly resumeAt?: WalkPosition | undefined
  /** The machine's clock unless given. */
  readonly clock?: Clock | undefined
}

/** How far verifying has come. */
export interface VerifyProgress {
  readonly of: 'entries' | 'executions'
  readonly done: number
  readonly total: number
}

/** Where in which log a walk ended. */
export interface WalkPosition extends TreePosition {
  readonly origin: string
}

/** What was found of one log. */
export interface LogReport {
  readonly origin: string
  /** Entries that the last checkpoint covers. */
  readonly size: number
  /** Entries whose leaf was made anew from the event and is in the signed tree. */
  readonly verified: number
  /** The first entry that was verified: those before it were believed, since a checkpoint of the past covers them. */
  readonly from: number
  /** Entries whose events went with their partition, by retention. */
  readonly dropped: number
  /** The first entry from which on no event was dropped. */
  readonly wholeFrom: number
  /** Entries whose body was erased. */
  readonly erased: number
  /** Entries that no checkpoint covers yet. */
  readonly unsigned: number
  /** When the last checkpoint was signed, by its own words (ISO 8601); null when it does not say. */
  readonly signedAt: string | null
  /** The keys that signed it, as vkeys. */
  readonly signedBy: readonly string[]
  /** Why it ended; null for the log that grows. */
  readonly endedAt: string | null
}

/** What verifying found: everything as signed, the first thing that is not, or that it was ended before. */
export type LogVerdict =
  | { readonly outcome: 'verified'; readonly logs: readonly LogReport[] }
  | {
      readonly outcome: 'defect'
      readonly logs: readonly LogReport[]
      readonly origin: string
      readonly defect: Defect
    }
  | { readonly outcome: 'interrupted'; readonly logs: readonly LogReport[]; readonly position: WalkPosition }
