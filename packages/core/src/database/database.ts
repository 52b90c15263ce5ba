import type pg from 'pg'
import type { BinaryRow } from './binary-row.ts'

/** What a statement gave back. */
export interface QueryResult<Row> {
  readonly rows: Row[]
  /** Rows read or changed; null for statements that have no such number. */
  readonly rowCount: number | null
}

/**
 * A statement that each connection plans once and keeps, for what runs all the time. Its plan is made anew at
 * intervals, since a plan for small tables must not outlive them.
 */
export interface PreparedStatement {
  /** Unique among all statements, at most 63 bytes. */
  readonly name: string
  readonly text: string
}

/**
 * A `select` whose rows are taken as they come, each as the bytes in which PostgreSQL sends them: what costs least where
 * many are read, on both sides, since nothing is made of a row but what is wanted of it, and only that is kept. It runs
 * as a COPY, so its values are put into the text as literals: texts, numbers, null and arrays of texts.
 */
export interface TakingStatement {
  readonly text: string
  /** Gives what `rows` is to hold for a row. What it throws is what the query throws. */
  readonly take: (row: BinaryRow) => unknown
}

/**
 * Runs one statement with bound parameters. `Row` is the caller's claim about the columns it names in the text.
 * `bigint` comes as a number, `timestamptz` as an ISO-8601 string in UTC with three decimals, `json` and `jsonb`
 * parsed, every other type that JavaScript has no exact form for as PostgreSQL's text.
 */
export type Query = <Row = unknown>(
  statement: string | PreparedStatement | TakingStatement,
  values?: readonly unknown[],
) => Promise<QueryResult<Row>>

/**
 * Runs one `copy … from stdin` with these bytes as its whole input. Leave them as they are until it has resolved, and for
 * good when it rejects.
 */
export type CopyIn = (statement: string, input: Uint8Array) => Promise<void>

/** How a transaction runs. */
export interface TransactionOptions {
  /** `read committed` unless given. */
  readonly isolation?: 'read committed' | 'repeatable read'
  /** Refuse every change. */
  readonly readOnly?: true
}

/** A PostgreSQL database, served or embedded, seen through one schema. */
export interface Database extends AsyncDisposable {
  readonly kind: 'postgres' | 'embedded'
  /** The schema that every unqualified name in our SQL means. */
  readonly schema: string
  /** What to show to people. Holds no password. */
  readonly name: string
  /** Absolute path of the embedded database's directory; null on a server, and in memory. */
  readonly dataDir: string | null
  readonly pool: pg.Pool
  /** Runs one statement in a transaction of its own. */
  readonly query: Query
  /** Gives rows to a `copy … from stdin`, in a transaction of its own; null where it is not to be had, as embedded. */
  readonly copy: CopyIn | null
  /**
   * Runs `work` between `begin` and `commit`; what it throws rolls back and is thrown on. Statements given to `tx`
   * at the same time run one after another. Throws `transaction_aborted` when a statement failed and `work`
   * returned all the same, because then nothing was committed. The embedded database has one connection, so in
   * there `query` and `transaction` throw `nested_transaction` while `work` runs: use its `tx`.
   */
  transaction<T>(work: (tx: Query) => Promise<T>, options?: TransactionOptions): Promise<T>
  /**
   * Closes every connection, and the embedded database with them. Work under way may go on for `closeTimeoutMs`; after
   * that its connection is ended, and it fails. A second call does nothing.
   */
  close(): Promise<void>
}
