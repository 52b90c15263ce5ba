import type { Services } from '../services.ts'
import type { ServerRole } from './roles.ts'

/** Something that goes on beside the requests. */
export interface PartBeside {
  readonly role: ServerRole
  /** What does not work at the moment; null when everything does. */
  readonly trouble: unknown
}

/** By their names in `/readyz`, the parts of the process that do the work of a role by themselves. */
export function partsBeside({
  sealer,
  ingester,
  roles,
  saga,
  retention,
}: Services): Readonly<Record<string, PartBeside>> {
  return {
    ...(sealer && { sealer: { role: 'seal', trouble: sealer.trouble } }),
    ...(ingester && { ingester: { role: 'ingest', trouble: ingester.trouble } }),
    ...(roles.includes('clock') && { clock: { role: 'clock', trouble: saga.clockTrouble } }),
    ...(retention && { retention: { role: 'retain', trouble: retention.trouble } }),
  }
}
