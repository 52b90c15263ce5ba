import type { Database } from '@steptrail/core'

/** The two kinds of database that Steptrail runs on, as `Database.kind` names them. */
export type DatabaseKind = Database['kind']

/** Both kinds, for `describe.each`. */
export const databaseKinds: readonly DatabaseKind[] = ['embedded', 'postgres']
