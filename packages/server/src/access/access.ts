import type { Scope } from '@steptrail/client/messages'
import type { Database } from '@steptrail/core'
import type { Principal } from './principal.ts'

/** What a request wants to do. */
export interface Wanted {
  readonly method: string
  readonly path: string
  /** Null: open to everybody. */
  readonly scope: Scope | null
}

/** Who asks. */
export interface Access {
  /**
   * Who asks; counts the request.
   *
   * @throws TrailError `unauthenticated`, `address_refused`, `rate_limited`, `server_busy`
   */
  identify(request: Request, address: string | null, wanted: Wanted): Promise<Principal>
  /**
   * That who asked still may, of a request that goes on, and is still bound to the same tenant; counts nothing.
   *
   * @throws TrailError `unauthenticated`, `access_denied` when it may no longer; as `identify` when that is not known
   */
  confirm(request: Request, wanted: Wanted, principal: Pick<Principal, 'tenant'>): Promise<void>
  /** Whether who asks may read what every tenant has; counts nothing. Throws as `identify` does. */
  mayReadEveryTenant(request: Request): Promise<boolean>
  /** Whether who asks has to say who it is. */
  isAuthenticating(): Promise<boolean>
  /** A database as the principal may see it. */
  readerFor(principal: Principal, database: Database): Database
}
