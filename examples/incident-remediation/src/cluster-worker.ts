import type { Database } from '@steptrail/core'
import { createWorker, type Dispatch, FatalError, type Worker } from '@steptrail/workflow'
import { change, stateOf, troubleOf, undo } from './cluster.ts'
import { remediations } from './remediations.ts'

/** The service that acts in the cluster; it performs every workflow of the catalogue. */
export function clusterWorker(dispatch: Dispatch, database: Database): Worker<'cluster-service'> {
  const worker = createWorker(dispatch, { service: 'cluster-service', pollMaxMs: 200 })
  for (const { workflow, targetOf, after } of remediations)
    worker.implement(workflow, {
      observe: { do: ({ input }) => stateOf(database, targetOf(input)) },
      act: {
        do: ({ input, idempotencyKey: key }) =>
          change(database, { target: targetOf(input), key, after: (before) => after(before, input) }),
        undo: ({ idempotencyKey }) => undo(database, idempotencyKey),
      },
      verify: {
        do: ({ outputs }) => {
          const trouble = troubleOf(outputs.act)
          if (trouble !== null) throw new FatalError(trouble)
          return { healthy: true as const }
        },
      },
    })
  return worker
}
