import type { Database } from '@steptrail/core'
import { describe } from 'vitest'
import { databaseKinds, type DatabaseKind } from './database-kind.ts'
import { openTestDatabase } from './test-database.ts'

/**
 * A suite that runs twice: on the embedded database and on PostgreSQL. Its tests call `open` for a migrated, empty
 * database of their own (see {@link openTestDatabase} for when it is closed).
 */
export function describeOnBoth(
  name: string,
  suite: (open: () => Promise<Database>, kind: DatabaseKind) => void,
): void {
  describe.each(databaseKinds)(`${name} on %s`, (kind) => {
    suite(async () => openTestDatabase(kind), kind)
  })
}
