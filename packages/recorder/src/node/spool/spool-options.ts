import { type Logger, TrailError } from '@steptrail/event'
import { longestMs } from '../../settings.ts'
import type { FsyncPolicy } from './append-log.ts'
import { type SpoolFiles, systemFiles } from './spool-files.ts'

/** How a spool on disk is kept. */
export interface SpoolOptions {
  /** Where it is; made when it is not there. On one machine's own disk: its owners know one another by sockets. */
  readonly directory: string
  /**
   * What the events are for, such as the name of a database. What a dead process has left for another destination is not
   * adopted, and told of. Default: whatever they come to, and all of a dead process's are adopted.
   */
  readonly destination?: string | undefined
  /**
   * `always` (default): an append is synced to disk before it resolves. `interval`: syncs are made at most
   * `intervalMs` apart, and an append resolves with the next; what did not resolve survives the process as soon as it
   * was written, but perhaps not a loss of power.
   */
  readonly fsync?: FsyncPolicy
  /** The longest an append waits for its sync under `interval`, at most 2,147,483,647. Default 50. */
  readonly intervalMs?: number
  /** A segment file is ended before it would be larger; one append is never divided. Default 8 MiB. */
  readonly segmentBytes?: number
  /** What may wait in it, adopted events included; beyond that, an append is refused. Default 1 GiB. */
  readonly maxBytes?: number
  /** How often directories of dead processes are looked for; 0: only when it is opened. At most 2,147,483,647; default 30,000. */
  readonly adoptEveryMs?: number
  /** Told of adoptions, of damage, and of what only costs time. Default: `console`. */
  readonly logger?: Logger
  /** The time, for names and dead letters; milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
  /** The file system. Default: this machine's. */
  readonly files?: SpoolFiles
}

/** Options with their defaults filled in. */
export type CompleteSpoolOptions = Required<Omit<SpoolOptions, 'destination'>> &
  Pick<SpoolOptions, 'destination'>

/** Fills in the defaults; throws `invalid_configuration` for a value that cannot be. */
export function completeSpoolOptions(options: SpoolOptions): CompleteSpoolOptions {
  const complete: CompleteSpoolOptions = {
    directory: options.directory,
    destination: options.destination,
    fsync: options.fsync ?? 'always',
    intervalMs: options.intervalMs ?? 50,
    segmentBytes: options.segmentBytes ?? 8 * 1024 * 1024,
    maxBytes: options.maxBytes ?? 1024 * 1024 * 1024,
    adoptEveryMs: options.adoptEveryMs ?? 30_000,
    logger: options.logger ?? console,
    now: options.now ?? Date.now,
    files: options.files ?? systemFiles,
  }
  if (complete.directory === '') throw refused('directory', '', 'a path')
  if (complete.fsync !== 'always' && complete.fsync !== 'interval')
    throw refused('fsync', complete.fsync, "'always' or 'interval'")
  for (const name of ['segmentBytes', 'maxBytes'] as const) check(complete, name, { least: 1 })
  check(complete, 'intervalMs', { least: 1, most: longestMs })
  check(complete, 'adoptEveryMs', { least: 0, most: longestMs })
  return complete
}

function check(
  options: CompleteSpoolOptions,
  name: 'intervalMs' | 'segmentBytes' | 'maxBytes' | 'adoptEveryMs',
  { least, most }: { readonly least: number; readonly most?: number },
): void {
  const value = options[name]
  if (Number.isSafeInteger(value) && value >= least && value <= (most ?? value)) return
  const range = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`
  throw refused(name, value, `a whole number ${range}`)
}

const refused = (name: string, value: unknown, allowed: string): TrailError =>
  new TrailError(
    'invalid_configuration',
    `${name} is ${JSON.stringify(value) ?? String(value)}: give ${allowed}`,
    {
      details: { path: name },
    },
  )
