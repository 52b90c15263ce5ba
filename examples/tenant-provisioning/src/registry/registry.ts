/** One SQL statement with its bound values. */
export interface Statement {
  readonly text: string
  readonly values?: readonly unknown[]
}

/** The database in which tenants live, as the workers see it. */
export interface Registry {
  /**
   * Runs the statements in one transaction and gives the rows of the last. What the database refuses is thrown
   * with its SQLSTATE as `code`.
   */
  run<Row>(statements: readonly Statement[]): Promise<readonly Row[]>
}
