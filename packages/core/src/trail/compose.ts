import type { EventRow } from '@steptrail/event'
import {
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import type { Query } from '../database/database.ts'

/** What reads need: a `Database`, or one transaction of it as `{ query: tx }`. */
export interface Reader {
  readonly query: Query
}

/** The tables that composed statements read, as their rows come out of `Query`. */
export interface ReadTables {
  readonly audit_event: EventRow & {
    /** The 64-bit id of the transaction that wrote the row; only compared, in SQL. */
    readonly tx: string
  }
}

/** Composes typed SQL with bound parameters. It has no connection: `fetchRows` runs what it composes. */
export const compose = new Kysely<ReadTables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

/** Runs a composed statement and gives its rows. */
export async function fetchRows<Row>(reader: Reader, statement: Compilable<Row>): Promise<readonly Row[]> {
  const { sql, parameters } = statement.compile()
  const { rows } = await reader.query<Row>(sql, parameters)
  return rows
}
