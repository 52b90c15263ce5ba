import { checkSchema, type Database, isConnectionTrouble, readFeedHead } from '@steptrail/core'
import { TrailError } from '@steptrail/event'

/** A replica of the server's database. Nothing is read there before it is known to hold the same trail. */
export class Replica {
  readonly #replica: Database
  readonly #database: Database
  #isKnown = false

  constructor(replica: Database, database: Database) {
    this.#replica = replica
    this.#database = database
  }

  /**
   * One that is away is known later, when it is there. Throws `invalid_configuration` for one of another trail, and what
   * `checkSchema` throws.
   */
  static async open(replica: Database, database: Database): Promise<Replica> {
    const opened = new Replica(replica, database)
    try {
      await opened.known()
    } catch (error) {
      if (!isConnectionTrouble(error)) throw error
    }
    return opened
  }

  /** Where to read. Throws as `open` does, and what the database throws while it is away. */
  async known(): Promise<Database> {
    if (!this.#isKnown) {
      await checkSchema(this.#replica)
      await requireReplica(this.#replica, this.#database)
      this.#isKnown = true
    }
    return this.#replica
  }
}

async function requireReplica(replica: Database, database: Database): Promise<void> {
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
