import type { Query } from '@steptrail/core'
import type { RegisteredBy } from './registered.ts'

/** The catalogue in which entries are registered, in one transaction. */
export interface Registry {
  readonly tx: Query
  readonly tenant: string
  readonly by: RegisteredBy
}

/** What the event of each registration says of it. */
export const registeredBy = ({ tenant, by: { actor, reason } }: Registry) =>
  ({ eventType: 'workflow.catalog.registered', actor, reason: reason ?? null, tenant }) as const
