import { openDatabase, recordIn } from '@steptrail/core'
import { serve } from '../child.ts'
import { closedLoop } from '../closed-loop.ts'

/**
 * Writers in a process of their own: `writers-program.ts URL WRITERS`. A request is a load of events, each recorded
 * in a transaction of its own; its answer is when the commit of each was known, by the machine's clock.
 */
const [url, writers] = process.argv.slice(2)
if (url === undefined) throw new Error('give the URL of a database')
const database = await openDatabase({ url, maxConnections: Number(writers) })

serve(
  async (load) => {
    const commits: [string, number][] = []
    await closedLoop(load, async () => {
      const [recorded] = await database.transaction((tx) =>
        recordIn(tx, [{ eventType: 'OPERATION', action: 'bench' }]),
      )
      if (recorded) commits.push([recorded.id, performance.timeOrigin + performance.now()])
    })
    return commits
  },
  () => database.close(),
)
