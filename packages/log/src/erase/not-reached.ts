/** What an erasure cannot see to, as its certificate says it. */
export const notReached: readonly string[] = [
  'old versions of the rows, until the tables have been vacuumed',
  'the write-ahead log, replicas that lag behind, and backups',
  'archives that retention wrote before: they are files of their own, whose digests are on record',
  'tables of months that retention has let go of and could not free yet: its next run frees them',
  'evidence packs and exports that were handed over before',
  'events that are still in the spool of a recorder, or on their way: erase again when they have arrived',
  'what workers and other systems keep themselves',
  'tenant names, which say who may read the row',
]
