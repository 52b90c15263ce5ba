/** Error codes of execution audits, reports and retention: a part of the table `errorCodes`. */
export const auditErrorCodes = {
  invalid_audit: {
    title: 'Invalid execution audit',
    meaning:
      'A field of an execution audit is missing, unknown, of the wrong kind, out of range, or contradicts another.',
    action: 'Correct the field that the message names; `details.path` holds its path.',
  },
  audit_conflict: {
    title: 'Execution audit conflict',
    meaning: 'An execution audit with this id is stored with other content.',
    action: 'Give each execution audit an id of its own; repeat an id only with the same audit.',
  },
  event_expired: {
    title: 'Month closed',
    meaning: 'Retention has closed the month that this belongs to: it takes no more rows.',
    action:
      'Leave it: what is as old as this was recorded before, or is beyond the time for which it is kept.',
  },
  archive_unverified: {
    title: 'Archive not verified',
    meaning: 'What was read back of an archive is not what was to be archived. Nothing was let go of.',
    action: 'Look at the disk of the archive, and run retention again.',
  },
  archive_unwritable: {
    title: 'Archive not written',
    meaning:
      'The directory of the archive, or its disk, did not take what was to be archived. Nothing was let go of.',
    action: 'Make room, or give a directory that this user may write to, and run retention again.',
  },
  hold_not_found: {
    title: 'Hold not found',
    meaning: 'There is no hold with this id that stands.',
    action: 'Check the id; `steptrail hold list` shows those that stand.',
  },
  hold_stands: {
    title: 'Held',
    meaning: 'A hold says that something of it is not to be deleted. Nothing was erased.',
    action:
      'Ask who placed the hold; released with a reason, it may be erased. `steptrail hold list` shows it.',
  },
  retention_running: {
    title: 'Retention is running',
    meaning: 'Another run of retention is under way on this database.',
    action: 'Wait for its end; `steptrail retention runs` shows it.',
  },
  retention_changed: {
    title: 'Retention overtaken',
    meaning:
      'A hold, a policy or an execution changed, or something was erased, while retention ran. Nothing was let go of.',
    action: 'Run it again.',
  },
  retention_blocked: {
    title: 'Retention blocked',
    meaning: 'Long transactions left retention no moment. Nothing was let go of.',
    action: 'Run it again when exports and other long transactions have ended.',
  },
  unknown_report: {
    title: 'Unknown report',
    meaning: 'There is no report of this name.',
    action: 'Take one of those that the message names; `steptrail report --help` says what each tells.',
  },
} as const
