/** The first thing that is wrong with a log, an execution or an evidence pack. `kind` tells which it is. */
export type Defect =
  | {
      /** An event is not what was sealed at its index. */
      readonly kind: 'event_altered'
      readonly index: number
      readonly eventId: string
    }
  | {
      /** An entry names an event that is sealed elsewhere: entries were swapped, repeated or moved. */
      readonly kind: 'entry_moved'
      readonly index: number
      readonly eventId: string
      /** Where the log has it. */
      readonly sealedAt: number
    }
  | { readonly kind: 'event_missing'; readonly index: number; readonly eventId: string }
  | {
      /** There is more than one row for an entry, or for its event. */
      readonly kind: 'event_duplicated'
      readonly index: number
      readonly eventId: string
    }
  | { readonly kind: 'entry_missing'; readonly index: number }
  | { readonly kind: 'entry_beyond_the_tree'; readonly index: number; readonly size: number }
  | {
      /** An event that was there when the log had taken everything before it, and is not in the log. */
      readonly kind: 'event_not_in_log'
      readonly eventId: string
    }
  | {
      readonly kind: 'tile_altered' | 'tile_missing'
      readonly level: number
      readonly tileIndex: number
    }
  | {
      /** The entries between two sizes are not those that were signed. */
      readonly kind: 'root_mismatch'
      readonly size: number
      /** Up to here everything is as it was signed. */
      readonly since: number
      readonly source: CheckpointSource
    }
  | { readonly kind: 'checkpoint_unreadable'; readonly source: CheckpointSource }
  | {
      readonly kind: 'signature_invalid' | 'key_unknown'
      readonly size: number
      readonly source: CheckpointSource
    }
  | {
      /** A checkpoint that is known covers more than there is: the log was cut off, or set back. */
      readonly kind: 'log_set_back'
      readonly size: number
      readonly known: number
      readonly source: CheckpointSource
    }
  | { readonly kind: 'log_missing'; readonly origin: string }
  | {
      /** It is marked as ended, and no other took its place. */
      readonly kind: 'log_ended'
      readonly origin: string
    }
  | { readonly kind: 'predecessor_unnamed'; readonly origin: string }
  | { readonly kind: 'erasure_unexplained'; readonly index: number; readonly eventId: string }
  | RunDefect
  | PackDefect

/** Where a checkpoint comes from; `walk`: from where a verification that was interrupted had come to. */
export type CheckpointSource = 'latest' | 'history' | 'memory' | 'given' | 'walk'

/** What is wrong with the record of one execution. */
export interface RunDefect {
  readonly kind: 'run_incomplete' | 'run_not_conforming' | 'definition_altered'
  readonly executionId: string
  /** In words. */
  readonly problem: string
}

/** What is wrong with an evidence pack as a file. */
export interface PackDefect {
  readonly kind:
    'pack_unreadable' | 'pack_file_altered' | 'pack_file_missing' | 'pack_file_unlisted' | 'proof_invalid'
  /** The file in the pack that it is about. */
  readonly file: string
  /** In words. */
  readonly problem: string
}

/** A defect in a sentence. */
export function describeDefect(defect: Defect): string {
  switch (defect.kind) {
    case 'event_altered':
      return `event ${defect.eventId} is not what was sealed as entry ${defect.index}: one of its columns was changed`
    case 'entry_moved':
      return `entry ${defect.index} names event ${defect.eventId}, which was sealed as entry ${defect.sealedAt}`
    case 'event_missing':
      return `event ${defect.eventId}, sealed as entry ${defect.index}, is gone`
    case 'event_duplicated':
      return `event ${defect.eventId}, sealed as entry ${defect.index}, is there more than once`
    case 'entry_missing':
      return `entry ${defect.index} of the log is gone`
    case 'entry_beyond_the_tree':
      return `entry ${defect.index} is beyond the ${defect.size} entries of the log`
    case 'event_not_in_log':
      return `event ${defect.eventId} is not in the log, though the log has gone past its transaction: it was slipped in, or its entry was taken away`
    case 'tile_altered':
      return `tile ${defect.level}/${defect.tileIndex} of the log does not hold the hashes of its entries`
    case 'tile_missing':
      return `tile ${defect.level}/${defect.tileIndex} of the log is gone`
    case 'root_mismatch':
      return `the first ${defect.size} entries are not those of ${sources[defect.source]}; up to entry ${defect.since} they are as signed`
    case 'checkpoint_unreadable':
      return `${sources[defect.source]} is no signed checkpoint of this log`
    case 'signature_invalid':
      return `the signature of ${sources[defect.source]} over ${defect.size} entries does not hold`
    case 'key_unknown':
      return `${sources[defect.source]} over ${defect.size} entries is signed by no key that is trusted`
    case 'log_set_back':
      return `the log has ${defect.size} entries, and ${sources[defect.source]} covers ${defect.known}: it was cut off, or the database was set back`
    case 'log_missing':
      return `there is no log ${defect.origin}, of which a checkpoint is remembered, or the key was given`
    case 'log_ended':
      return `the log ${defect.origin} is marked as ended, and no other took its place`
    case 'predecessor_unnamed':
      return `the first entry of ${defect.origin} does not name the checkpoint of the log before it`
    case 'erasure_unexplained':
      return `event ${defect.eventId}, entry ${defect.index}, was erased, and no sealed event says by whom and why`
    case 'run_incomplete':
    case 'run_not_conforming':
    case 'definition_altered':
      return `execution ${defect.executionId}: ${defect.problem}`
    default:
      return `${defect.file}: ${defect.problem}`
  }
}

const sources: Readonly<Record<CheckpointSource, string>> = {
  latest: 'the last checkpoint',
  history: 'a checkpoint of the past',
  memory: 'the checkpoint that is remembered outside the database',
  given: 'the checkpoint given',
  walk: 'the verification that was interrupted',
}
