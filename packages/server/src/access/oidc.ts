import { type Scope, scopes } from '@steptrail/client/messages'
import { TrailError } from '@steptrail/event'
import { createRemoteJWKSet, decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose'
import type { Principal } from './principal.ts'

/** Whose tokens are taken, and what is read from them. */
export interface OidcOptions {
  /** The `iss` of its tokens. */
  readonly issuer: string
  /** The `aud` that tokens for this server have. */
  readonly audience: string
  /** Where its public keys are. */
  readonly jwksUrl: string
  /** The claim that names who it is: `sub` unless given. */
  readonly actorClaim?: string | undefined
  /** The claim with the scopes, a list or a text with spaces: `scope` unless given. */
  readonly scopesClaim?: string | undefined
  /** The claim with the tenant. With it, a token without one is refused; without it, tokens reach every tenant. */
  readonly tenantClaim?: string | undefined
}

/** Says who a token stands for. Throws `unauthenticated`, and `server_busy` when the issuer's keys cannot be had. */
export type TokenVerifier = (token: string) => Promise<Principal>

/** Signatures that need the issuer's private key; a secret that both know would let us forge its tokens. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]

/** Verifies tokens by the public keys of their issuer, which are fetched when first needed, and again when they change. */
export function createTokenVerifier(options: OidcOptions): TokenVerifier {
  const { issuer, audience, jwksUrl } = options
  const keys = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 5000, cooldownDuration: 5000 })
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms,
        requiredClaims: ['exp'],
        clockTolerance: toleranceSeconds,
      })
      return principalOf(payload, options)
    } catch (error) {
      throw error instanceof TrailError ? error : verificationError(error, token)
    }
  }
}

/** How far the clocks of the issuer and of this machine may be apart. */
const toleranceSeconds = 5

function verificationError(error: unknown, token: string): TrailError {
  const isOfToken =
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    !(error instanceof errors.JWKSInvalid) &&
    error.code !== 'ERR_JOSE_GENERIC'
  if (isOfToken)
    return new TrailError('unauthenticated', `the token is refused: ${error.message}`, { cause: error })
  if (isOver(token))
    return new TrailError('unauthenticated', 'the token is refused: it is over, by what it says itself', {
      cause: error,
    })
  return new TrailError('server_busy', 'the keys of the issuer of tokens cannot be had just now: try again', {
    details: { retryAfterSeconds: 5 },
    cause: error,
  })
}

/** Whoever signed it: what was begun with it does not go on because the keys of the issuer cannot be had. */
function isOver(token: string): boolean {
  try {
    const { exp } = decodeJwt(token)
    return exp !== undefined && exp + toleranceSeconds <= Date.now() / 1000
  } catch (error) {
    if (error instanceof errors.JWTInvalid) return false
    throw error
  }
}

function principalOf(payload: JWTPayload, options: OidcOptions): Principal {
  const { issuer, actorClaim = 'sub', scopesClaim = 'scope', tenantClaim } = options
  const id = textClaim(payload, actorClaim)
  const tenant = tenantClaim === undefined ? null : textClaim(payload, tenantClaim)
  const granted = scopesOf(payload[scopesClaim])
  return {
    actor: { type: 'user', id },
    scopes: new Set(tenant === null ? granted : granted.filter((scope) => scope !== 'admin')),
    tenant,
    countedAs: `token ${JSON.stringify([issuer, tenant, id])}`,
  }
}

function textClaim(payload: JWTPayload, claim: string): string {
  const value = payload[claim]
  const isName = typeof value === 'string' && value.length >= 1 && value.length <= 255
  if (isName && value.isWellFormed() && !/\p{Cc}/u.test(value)) return value
  throw new TrailError(
    'unauthenticated',
    `the token is refused: it has no claim ${claim} of 1 to 255 characters without control characters`,
  )
}

/** `steptrail:read` and `read` mean the same; what is no scope of ours is another's affair. */
function scopesOf(value: unknown): readonly Scope[] {
  const words: unknown[] = typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : []
  return scopes.filter((scope) => words.includes(scope) || words.includes(`steptrail:${scope}`))
}
