import type { Database } from '@steptrail/core'
import type { Registry, Statement } from './registry.ts'

/** The registry in this database. */
export class DatabaseRegistry implements Registry {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async run<Row>(statements: readonly Statement[]): Promise<readonly Row[]> {
    return await this.#database.transaction(async (query) => {
      let rows: readonly Row[] = []
      for (const { text, values } of statements) rows = (await query<Row>(text, values)).rows
      return rows
    })
  }
}
