import { scopes } from '@steptrail/client/messages'
import type { Database } from '@steptrail/core'
import type { Access } from './access.ts'
import type { Principal } from './principal.ts'

/** Who asks where nobody is asked who they are. */
export const anybody: Principal = {
  actor: null,
  scopes: new Set(scopes),
  tenant: null,
  countedAs: 'anybody',
}

/** Lets everybody do everything. */
export const openAccess = (database: Database): Access => ({
  admit: () => Promise.resolve(anybody),
  isAuthenticating: () => Promise.resolve(false),
  readerFor: () => database,
})
