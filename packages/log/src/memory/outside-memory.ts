/**
 * What remembers the last checkpoint outside the database, so that a database that was set back shows. It is
 * written before a checkpoint is published, and asked before the next is signed.
 */
export interface OutsideMemory {
  /** The last checkpoint of a log, as a signed note; null when there was none. */
  read(origin: string): Promise<string | null>
  /** Keeps a checkpoint for good before it resolves. */
  write(origin: string, checkpoint: string): Promise<void>
}
