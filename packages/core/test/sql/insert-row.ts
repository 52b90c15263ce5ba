import type { Database, Query, QueryResult } from '../../src/database/database.ts'

/** Column values by name; a value that is an object is written as JSON. */
export type Row = Readonly<Record<string, unknown>>

/** Inserts one row and returns it whole, as the database has it. */
export async function insertRow<Inserted = Record<string, unknown>>(
  query: Query,
  table: string,
  row: Row,
): Promise<Inserted> {
  const columns = Object.keys(row)
  const values = Object.values(row).map((value) =>
    typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
  )
  const { rows }: QueryResult<Inserted> = await query(
    `insert into ${table} (${columns.map((column) => `"${column}"`).join(', ')})
    values (${columns.map((_, index) => `$${index + 1}`).join(', ')})
    returning *`,
    values,
  )
  return rows[0] as Inserted
}

/** The name of the constraint that refuses the row, or the SQLSTATE where it is none; undefined when it is taken. */
export async function refusalOf(database: Database, table: string, row: Row): Promise<string | undefined> {
  return insertRow(database.query, table, row).then(
    () => undefined,
    (error: unknown) => {
      const { constraint, code } = error as { readonly constraint?: string; readonly code?: string }
      return constraint ?? code
    },
  )
}
