import type { ErrorCodeEntry } from './error-code-entry.ts'

/** The errors of sealing and signing. */
export const logErrorCodes = {
  log_inconsistent: {
    title: 'Log inconsistent',
    meaning: 'The log in the database is not a continuation of what was signed. Nothing was signed.',
    action:
      'Find out what happened to the database: restored from a backup, or altered. Then `steptrail log restart` begins another log.',
  },
  log_key_mismatch: {
    title: 'Another key signs this log',
    meaning: 'The signing key given is not the one that the log was signed with before.',
    action: 'Give the key that the message names, or go over to another with `steptrail log rotate-key`.',
  },
  memory_unusable: {
    title: 'Remembered checkpoints out of reach',
    meaning:
      'The directory that remembers the last checkpoint outside the database cannot be read, or its disk takes no more. Nothing was signed.',
    action: 'Make room on its disk, or give a directory that this user may read and write.',
  },
  log_clock_behind: {
    title: 'Clock behind the log',
    meaning: 'The clock is behind the time at which the log was signed last. Nothing was signed.',
    action: 'Set the clock. If it was ahead before, `steptrail log restart` begins another log.',
  },
  log_not_begun: {
    title: 'No log yet',
    meaning: 'Nothing has been sealed in this database.',
    action: 'Run `steptrail seal`.',
  },
  event_not_sealed: {
    title: 'Event not sealed',
    meaning: 'The event has no place in the log yet, or no checkpoint covers it.',
    action: 'Wait for the sealer, or run `steptrail seal`.',
  },
  tile_not_found: {
    title: 'Tile not found',
    meaning: 'The path is that of no tile or bundle which the last checkpoint covers whole.',
    action: 'Ask for tiles of the size that the checkpoint tells, by the paths of C2SP tlog-tiles.',
  },
  erasure_not_found: {
    title: 'Erasure not found',
    meaning: 'Nothing was erased under this id.',
    action: 'Give the id of an event TRAIL_ERASED: `steptrail events --type TRAIL_ERASED` lists them.',
  },
  witness_unreachable: {
    title: 'Witness unreachable',
    meaning: 'The witness that is to cosign the log did not answer as one. Nothing was signed.',
    action: 'Check its URL and its key, and that it runs and watches this log.',
  },
  invalid_signing_key: {
    title: 'Invalid signing key',
    meaning:
      'What was given as the signing key is no Ed25519 private key in PEM, or its file can be read by others, cannot be read, or cannot be made.',
    action:
      'Give a key as `openssl genpkey -algorithm ed25519` makes it, in a file of mode 0600, and a directory in which this user may write.',
  },
} as const satisfies Readonly<Record<string, ErrorCodeEntry>>
