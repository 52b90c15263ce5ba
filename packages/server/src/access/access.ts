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
  /** Whether who asks has to say who it is. */
  isAuthenticating(): Promise<boolean>
  /** A database as the principal may see it. */
  readerFor(principal: Principal, database: Database): Database
}
