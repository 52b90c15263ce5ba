import type { Scope } from '@steptrail/client/messages'
import type { Actor } from '@steptrail/event'

/** Who asks. */
export interface Principal {
  /** Who it is on record; null where the server asks nobody who they are. */
  readonly actor: Actor | null
  readonly scopes: ReadonlySet<Scope>
  /** The one tenant that it may see and record for; null: every tenant. */
  readonly tenant: string | null
  /** What its requests are counted by. */
  readonly countedAs: string
}

/** Whether the principal has a scope: `admin` has them all. */
export const mayAct = ({ scopes }: Principal, scope: Scope): boolean =>
  scopes.has(scope) || scopes.has('admin')

/** The actor of what must have one: who asks, or that nobody was asked. */
export const actorOf = ({ actor }: Principal): Actor => actor ?? { type: 'user', id: 'not authenticated' }
