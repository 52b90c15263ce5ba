import type { Database } from '@steptrail/core'
import type { OpenOptions } from './open-database.ts'
import type { Environment, OutputStream } from './terminal/terminal.ts'

/** A stream to write to. */
export interface Output extends OutputStream {
  write(chunk: string | Uint8Array): unknown
}

/** Everything outside the program that it uses, given to it by whoever runs it. */
export interface Surroundings {
  /** What is read when an option's value is `-`. */
  readonly stdin: AsyncIterable<Buffer | string>
  /** Results, and nothing else. */
  readonly stdout: Output
  /** Progress, warnings and errors. */
  readonly stderr: Output
  readonly env: Environment
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal
  /** Has `end` called, in place of ending at once, when nobody reads standard output any more. */
  readonly onReaderGone?: (end: () => void) => void
  readonly openDatabase: (options: OpenOptions) => Promise<Database>
}
