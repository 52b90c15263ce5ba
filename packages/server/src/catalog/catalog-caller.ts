import type { DiscoveryCaller, SignalContext } from '@steptrail/catalog'
import type { Database } from '@steptrail/core'
import { type Actor, TrailError } from '@steptrail/event'
import type { Principal } from '../access/principal.ts'
import { actorOfRequest } from '../executions/given-actor.ts'

/** Whose catalogue a principal sees: its tenant's, else that of the tenant `default`. */
export const tenantOf = ({ tenant }: Principal): string => tenant ?? 'default'

/** Who looks for a workflow. A key that may discover and neither read nor operate is an agent's. */
export const discoveryCaller = (principal: Principal, reader: Database): DiscoveryCaller => ({
  actor: principal.actor && (isAgent(principal) ? { ...principal.actor, type: 'agent' } : principal.actor),
  tenant: tenantOf(principal),
  reader,
})

const isAgent = ({ scopes }: Principal): boolean =>
  !scopes.has('read') && !scopes.has('operate') && !scopes.has('admin')

/** Who changes the catalogue. Throws `reason_required` where nobody says so. */
export function catalogActor(principal: Principal, named: Actor | undefined): Actor {
  const { actor } = actorOfRequest(principal, named)
  if (actor) return actor
  throw new TrailError(
    'reason_required',
    'the order is refused: say who gives it, as actor { type, id }. Nothing was changed.',
    { details: { parameter: 'actor' } },
  )
}

/** The situation in the parameters of a request. */
export const contextOf = ({
  severity,
  component,
  environment,
  priority,
  customLabels,
  detectedLabels,
}: SignalContext): SignalContext => ({
  severity,
  component,
  environment,
  priority,
  customLabels,
  detectedLabels,
})
