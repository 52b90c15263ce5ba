import { createRedactionPolicy, TrailError } from '@steptrail/event'
import type { ServerOptions } from '@steptrail/server'
import { secondPersonFor } from './settings.ts'
import type { Environment } from './terminal/terminal.ts'

/** Where `steptrail serve` is to listen, by flags and variables. Throws `invalid_configuration` for what is no port. */
export function listenSettings(
  flags: { readonly host?: string; readonly port?: number },
  env: Environment,
): { readonly host?: string; readonly port?: number } {
  const host = flags.host ?? (env['STEPTRAIL_HOST'] || undefined)
  const port = flags.port ?? (env['STEPTRAIL_PORT'] || undefined)
  return { ...(host !== undefined && { host }), ...(port !== undefined && { port: portOf(port) }) }
}

function portOf(given: number | string): number {
  if (/^\d{1,5}$/.test(String(given)) && Number(given) <= 65_535) return Number(given)
  throw new TrailError(
    'invalid_configuration',
    `the port is ${JSON.stringify(given)}: give a whole number from 0 to 65535 with --port or STEPTRAIL_PORT`,
  )
}

/** How `steptrail serve` is to behave, by the variables. Throws `invalid_configuration` that names one and its value. */
export function serverSettings(env: Environment): Omit<ServerOptions, 'trail'> {
  const perSecond = wholeNumber(env, 'STEPTRAIL_RATE_LIMIT')
  const keys = list(env, 'STEPTRAIL_REDACT_KEYS')
  return {
    secondPersonFor: secondPersonFor(env),
    oidc: oidcSettings(env),
    bodyBytes: wholeNumber(env, 'STEPTRAIL_BODY_BYTES'),
    recordsReading: flag(env, 'STEPTRAIL_RECORD_READING'),
    corsOrigins: list(env, 'STEPTRAIL_CORS_ORIGINS').map(origin),
    ...(perSecond !== undefined && { rateLimit: { perSecond } }),
    ...(keys.length > 0 && { redaction: createRedactionPolicy({ keys }) }),
  }
}

function oidcSettings(env: Environment): ServerOptions['oidc'] {
  const issuer = env['STEPTRAIL_OIDC_ISSUER'] || undefined
  if (issuer === undefined) return undefined
  return {
    issuer,
    audience: needed(env, 'STEPTRAIL_OIDC_AUDIENCE'),
    jwksUrl: url(needed(env, 'STEPTRAIL_OIDC_JWKS_URL')),
    actorClaim: env['STEPTRAIL_OIDC_ACTOR_CLAIM'] || undefined,
    scopesClaim: env['STEPTRAIL_OIDC_SCOPES_CLAIM'] || undefined,
    tenantClaim: env['STEPTRAIL_OIDC_TENANT_CLAIM'] || undefined,
  }
}

function needed(env: Environment, variable: string): string {
  const value = env[variable]
  if (value) return value
  throw new TrailError(
    'invalid_configuration',
    `STEPTRAIL_OIDC_ISSUER is set and ${variable} is not: give both`,
  )
}

function url(value: string): string {
  if (URL.canParse(value) && /^https?:/.test(value)) return value
  throw refused('STEPTRAIL_OIDC_JWKS_URL', value, 'a URL such as https://issuer.example/keys')
}

function origin(value: string): string {
  if (URL.canParse(value) && new URL(value).origin === value) return value
  throw refused(
    'STEPTRAIL_CORS_ORIGINS',
    value,
    'origins such as https://app.example, with commas between them',
  )
}

const list = (env: Environment, variable: string): readonly string[] =>
  (env[variable] ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')

function flag(env: Environment, variable: string): boolean {
  const value = env[variable] || '0'
  if (value === '0' || value === '1') return value === '1'
  throw refused(variable, value, '0 or 1')
}

function wholeNumber(env: Environment, variable: string): number | undefined {
  const value = env[variable] || undefined
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value) && Number(value) >= 1) return Number(value)
  throw refused(variable, value, 'a whole number from 1 on')
}

const refused = (variable: string, value: string, allowed: string): TrailError =>
  new TrailError('invalid_configuration', `${variable} is ${JSON.stringify(value)}: give ${allowed}`)
