import { type Database, readFeedHead } from '@steptrail/core'
import { TrailError } from '@steptrail/event'

/** Throws `invalid_configuration` unless the one is a replica of the other, or the other itself. */
export async function requireReplica(replica: Database, database: Database): Promise<void> {
  const [theirs, ours] = await Promise.all([replica, database].map(feedOf))
  if (theirs === ours) return
  throw new TrailError(
    'invalid_configuration',
    `${replica.name} is no replica of ${database.name}: it holds another trail. Give the URL of a replica, or none`,
    { details: { replica: replica.name, database: database.name } },
  )
}

/** The rest of a generation says where the database runs, and on which timeline: after a failover the two differ for a while. */
const feedOf = async ({ query }: Database): Promise<string | undefined> =>
  (await readFeedHead(query)).generation.split('.')[0]
