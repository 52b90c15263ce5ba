import { timingSafeEqual } from 'node:crypto'
import { scopes } from '@steptrail/client/messages'
import { type Database, hasApiKeys, readerOfTenant, secretPrefix, useApiKey } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import type { Access, Wanted } from './access.ts'
import { credentialOf } from './credential.ts'
import { isLoopback } from './loopback.ts'
import type { TokenVerifier } from './oidc.ts'
import { mayAct, type Principal } from './principal.ts'
import type { RateLimit } from './rate-limit.ts'

/** What decides on access. */
export interface AccessOptions {
  readonly database: Database
  readonly rateLimit: RateLimit
  /** Takes tokens, where there is an issuer of them. */
  readonly verifyToken?: TokenVerifier | undefined
  /** A secret of this machine's, for the command line of who may read the data directory; with what it stands for. */
  readonly local?: { readonly secret: string; readonly principal: Principal } | undefined
}

/** Who asks where nobody is asked who they are. */
export const anybody: Principal = { actor: null, scopes: new Set(scopes), tenant: null, countedAs: 'anybody' }

/** Who asks for what is open to everybody. */
const visitor: Principal = { actor: null, scopes: new Set(), tenant: null, countedAs: 'visitor' }

/** Access by keys and tokens. As long as there is neither, this machine may do everything. */
export function createAccess(options: AccessOptions): Access {
  const { database, rateLimit } = options
  let isAuthenticating = options.verifyToken !== undefined
  const asks = async (): Promise<boolean> => (isAuthenticating ||= await hasApiKeys(database))
  return {
    isAuthenticating: asks,
    readerFor: ({ tenant }, from) => (tenant === null ? from : readerOfTenant(from, tenant)),
    identify: async (request, address, { scope }) => {
      if (scope === null) {
        rateLimit.take(address ?? 'nowhere')
        return visitor
      }
      const principal = await identify(request, options, asks).catch((error: unknown) => {
        if (error instanceof TrailError && error.code === 'unauthenticated')
          rateLimit.take(address ?? 'nowhere')
        throw error
      })
      rateLimit.take(principal.countedAs)
      return principal
    },
    mayReadEveryTenant: async (request) => {
      const principal = await identify(request, options, asks)
      return principal.tenant === null && mayAct(principal, 'read')
    },
    confirm: async (request, wanted, began) => {
      const principal = await identify(request, options, asks)
      authorize(principal, wanted)
      if (principal.tenant !== began.tenant) throw movedTo(principal.tenant)
    },
  }
}

/** What goes on shows what the tenant has that it began with. */
const movedTo = (tenant: string | null): TrailError =>
  new TrailError(
    'access_denied',
    `who asked is bound to ${tenant === null ? 'no tenant' : `the tenant ${JSON.stringify(tenant)}`} by now, and was not when this began: ask again`,
    { details: { tenant } },
  )

/** Throws `access_denied` when the principal may not do what it wants. */
export function authorize(principal: Principal, { scope, method, path }: Wanted): void {
  if (scope === null || mayAct(principal, scope)) return
  const had = [...principal.scopes].join(', ') || 'no scope'
  throw new TrailError(
    'access_denied',
    `${principal.actor?.id ?? 'the caller'} may not do ${method.toUpperCase()} ${path}: it needs the scope ${scope}, and has ${had}`,
    { details: { scope } },
  )
}

/** Who asks. Throws `unauthenticated`, `address_refused`, `server_busy`. */
async function identify(
  request: Request,
  { database, verifyToken, local }: AccessOptions,
  isAuthenticating: () => Promise<boolean>,
): Promise<Principal> {
  const credential = credentialOf(request, secretPrefix)
  if (local && credential.kind === 'token' && sameSecret(credential.token, local.secret))
    return local.principal
  if (!(await isAuthenticating())) return anybodyOn(request)
  switch (credential.kind) {
    case 'none':
      throw new TrailError(
        'unauthenticated',
        'the request does not say who it comes from: send Authorization: Bearer',
      )
    case 'malformed':
      throw new TrailError('unauthenticated', 'the header Authorization is not Bearer and a key or a token')
    case 'key':
      return await principalOfKey(database, credential.secret)
    case 'token':
      if (verifyToken) return await verifyToken(credential.token)
      throw new TrailError(
        'unauthenticated',
        `this server takes keys, which begin with ${secretPrefix}, and no tokens`,
      )
  }
}

/** A page of the web that gets a browser to ask for a name of its own asks for that name. */
function anybodyOn(request: Request): Principal {
  const { hostname } = new URL(request.url)
  if (isLoopback(hostname)) return anybody
  throw new TrailError(
    'address_refused',
    `without authentication the server answers to localhost only, not to ${JSON.stringify(hostname)}`,
  )
}

async function principalOfKey(database: Database, secret: string): Promise<Principal> {
  const key = await useApiKey(database, secret)
  if (!key) throw new TrailError('unauthenticated', 'there is no such key')
  if (key.state !== 'active')
    throw new TrailError('unauthenticated', `the key ${JSON.stringify(key.name)} is ${key.state}`)
  return {
    actor: { type: 'service', id: key.name },
    scopes: new Set(key.scopes),
    tenant: key.tenant,
    countedAs: `key ${key.keyId}`,
  }
}

/** In a time that tells nothing of where they differ. */
function sameSecret(given: string, secret: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(secret)]
  return one.length === other.length && timingSafeEqual(one, other)
}
