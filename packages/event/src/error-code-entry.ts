/** The documentation of one error code. */
export interface ErrorCodeEntry {
  readonly title: string
  readonly meaning: string
  readonly action: string
}
