import type { Database } from '../database/database.ts'
import type { SourcedObservation } from './observation.ts'
import type { ObservationRecorder } from './record-observations.ts'

/** Something that happened in another engine, as its adapter has kept it until it is on record. */
export interface SourceEntry {
  readonly id: string
  /** When it happened, in milliseconds since 1970. */
  readonly at: number
}

/** A connection to where an adapter keeps what happened until it is on record. */
export interface ObservationSource<Entry extends SourceEntry> {
  readonly recorder: ObservationRecorder
  /** Takes the lock that one recorder has at a time, for as long as the connection lasts; false when another has it. */
  hold(): Promise<boolean>
  /** Throws when the lock is lost. Asked while the source is locked in the trail, before anything is written there. */
  confirm(): Promise<void>
  /** The oldest entries, at most {@link sourceBatch} of them. What was not removed comes again. */
  read(): Promise<readonly Entry[]>
  /**
   * What entries mean, in their order. Asked again for the same entries it says the same, until they are removed.
   *
   * @throws TrailError `invalid_event` for one that means nothing
   */
  observationsOf(entries: readonly Entry[]): readonly SourcedObservation[]
  /** They are on record. */
  remove(entries: readonly Entry[]): Promise<void>
  /** Sets one aside that the trail refuses, with the reason; gives the sentence that says so. */
  refuse(entry: Entry, reason: string): Promise<string>
  end(): Promise<void>
}

/** How many entries are taken at once. */
export const sourceBatch = 500

/** How what happened in another engine is taken into the trail. */
export interface SourceRecorderOptions {
  /**
   * How long what happens may gather before it is put on record together, in milliseconds. Default 1000: longer costs less,
   * since the rows of an execution are then written once.
   */
  readonly pollMs?: number | undefined
  /**
   * How much of the time it works while it is not far behind, over 0 and up to 1: the rest is the engine's, where both
   * share a machine. Default 0.2.
   */
  readonly share?: number | undefined
  /** How far behind it may be, in milliseconds, before it works all the time. Default 30,000. */
  readonly maxLagMs?: number | undefined
  /** Told when something cannot be put on record, or not now. */
  readonly onTrouble?: ((message: string, cause: unknown) => void) | undefined
}

/** Whose history a recorder takes, and how it gets at it. */
export interface SourceOpening<Entry extends SourceEntry> {
  /** Such as `DBOS`: what messages call it. */
  readonly engine: string
  readonly open: (database: Database) => Promise<ObservationSource<Entry>>
}
