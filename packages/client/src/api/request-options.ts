/** How one request is made. */
export interface RequestOptions {
  /** Ends it; it rejects with the signal's reason then. */
  readonly signal?: AbortSignal | undefined
}
