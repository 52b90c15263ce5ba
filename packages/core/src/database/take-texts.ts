import pg from 'pg'
import type { QueryResult, TextsRow, TextsStatement } from './database.ts'

/** Runs a statement whose rows are taken as they come. Throws what the driver throws, and what taking a row does. */
export function takeTexts<Row>(
  client: Pick<pg.ClientBase, 'query'>,
  { text, take }: TextsStatement,
  values: readonly unknown[] = [],
): Promise<QueryResult<Row> & { command: string }> {
  const config: pg.QueryArrayConfig = { text, values: [...values], rowMode: 'array', types: asTexts }
  const rows: Row[] = []
  const failed: unknown[] = []
  return new Promise((resolve, reject) => {
    const query = client.query(new pg.Query<TextsRow>(config))
    // Thrown out of a listener it would end the process.
    query.on('row', (row: TextsRow) => {
      if (failed.length > 0) return
      try {
        rows.push(take(row) as Row)
      } catch (error) {
        failed.push(error)
      }
    })
    query.on('error', reject)
    query.on('end', ({ rowCount, command }) =>
      failed.length > 0 ? reject(failed[0] as Error) : resolve({ rows, rowCount, command }),
    )
  })
}

/** An array, since the driver also takes it for the types of the parameters, of which there are none to tell. */
const asTexts = Object.assign([], { getTypeParser: () => (text: string) => text })
