/**
 * Where a recorder or a worker says what it cannot return or throw to anybody. `console` is one. What it throws goes to
 * `console`.
 */
export interface Logger {
  warn(message: string, details: Readonly<Record<string, unknown>>): void
  error(message: string, details: Readonly<Record<string, unknown>>): void
}
