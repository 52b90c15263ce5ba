/** How what Temporal does is put on record. */
export interface TemporalRecorderOptions {
  /** Activities that undo others, by their names: `{ release: 'reserve' }`. */
  readonly undoes?: Readonly<Record<string, string>> | undefined
  /** `service_name` of executions, and of what is done without a worker, such as timers. Default `temporal`. */
  readonly serviceName?: string | undefined
  /** The namespace that the workflows are in. Default `default`. */
  readonly namespace?: string | undefined
  /** Whose the executions are. Default `default`. */
  readonly tenant?: string | undefined
  /** How long what happens may gather before histories are read, in milliseconds. Default 1000. */
  readonly pollMs?: number | undefined
  /** How often the histories of all runs that have not ended are read, in milliseconds. Default 60,000. */
  readonly openEveryMs?: number | undefined
  /** Told when something cannot be put on record, or not now. The engine goes on as if nothing had happened. */
  readonly onTrouble?: ((message: string, cause: unknown) => void) | undefined
}
