import type { PreparedStatement, QueryResult, TransactionOptions } from '../database.ts'

/** The socket beside the lock through which other processes use the database of the one that holds it. */
export const doorName = 'database.sock'

/** What is asked at the door, one line of JSON each. A connection has one transaction at a time. */
export type DoorRequest =
  | {
      readonly ask: 'query'
      /** With `asBytes`, rows are answered as the bytes of a `BinaryRow`, in base64. */
      readonly statement: string | PreparedStatement | { readonly text: string; readonly asBytes: true }
      readonly values: readonly unknown[]
    }
  | { readonly ask: 'begin'; readonly options: TransactionOptions }
  | { readonly ask: 'commit' | 'rollback' | 'schema' }

/** What is answered, in the order of the questions. */
export type DoorAnswer =
  | { readonly result: QueryResult<unknown> | { readonly schema: string } | null }
  | { readonly error: DoorError }

/** An error with what tells it from others. */
export interface DoorError {
  readonly message: string
  /** The code of a `TrailError`. */
  readonly trailCode?: string
  readonly details?: Readonly<Record<string, unknown>>
  /** The fields of an error of the database. */
  readonly fields?: Readonly<Record<string, unknown>>
}
