/** How one request is made. */
export interface RequestOptions {
  /** Ends it; it rejects with the signal's reason then. */
  readonly signal?: AbortSignal | undefined
}

/** How one request that changes something is made. */
export interface RepeatableRequestOptions extends RequestOptions {
  /**
   * Sent again with this key within a day, the request is not carried out again, but answered as it was; another request
   * with the key is refused as `idempotency_conflict`, and the same one as `server_busy` while it is still being carried
   * out. One that failed changed nothing, and is carried out again. So with a key it may be sent again whatever became of
   * it, its server's death included, and is, once, when its connection broke. 1 to 255 characters that a header can hold.
   */
  readonly idempotencyKey?: string | undefined
}
