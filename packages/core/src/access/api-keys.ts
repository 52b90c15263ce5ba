import { createHash, randomBytes } from 'node:crypto'
import { type Actor, instantText, isUuid, TrailError } from '@steptrail/event'
import { z } from 'zod'
import type { Database, PreparedStatement, Query } from '../database/database.ts'
import { hasRoles } from '../roles/apply-grants.ts'
import { recordAdministration } from '../trail/record-administration.ts'

/** What a key may do; see the guide on the server. */
export const keyScopes = ['record', 'engine', 'discover', 'read', 'operate', 'admin'] as const
/** See `keyScopes`. */
export type KeyScope = (typeof keyScopes)[number]

/** A key, without its secret, which nobody has but who was shown it. */
export interface ApiKey {
  readonly keyId: string
  /** What its requests are recorded under. */
  readonly name: string
  readonly scopes: readonly KeyScope[]
  /** The one tenant that it sees and records for; null: every tenant. */
  readonly tenant: string | null
  readonly createdAt: string
  readonly expiresAt: string | null
  /** To within a minute. */
  readonly lastUsedAt: string | null
  readonly revokedAt: string | null
}

/** A key to be made. */
export interface NewApiKey {
  readonly name: string
  readonly scopes: readonly KeyScope[]
  readonly tenant?: string | null | undefined
  /** ISO 8601; not by itself unless given. */
  readonly expiresAt?: string | null | undefined
}

/** A key that was made, with its secret: the only time that it can be seen. */
export interface CreatedApiKey {
  readonly key: ApiKey
  readonly secret: string
}

const name = z
  .string('is not a text')
  .min(1, 'is empty')
  .max(255, 'is longer than 255 characters')
  .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'holds control characters')

const newKeySchema = z
  .strictObject({
    name,
    scopes: z
      .array(z.enum(keyScopes, `is none of ${keyScopes.join(', ')}`))
      .min(1, 'are none: give at least one')
      .transform((scopes) => keyScopes.filter((scope) => scopes.includes(scope))),
    tenant: name.nullish(),
    expiresAt: instantText('is not an instant in ISO 8601').nullish(),
  })
  .refine(({ tenant, scopes }) => (tenant ?? null) === null || !scopes.includes('admin'), {
    path: ['scopes'],
    error: 'hold admin, which reaches every tenant: leave it or the tenant out',
  })

/** What every secret begins with, so that it is known for one where it turns up. */
export const secretPrefix = 'stk_'

/**
 * Makes a key, and records who did. A tenant's key needs the roles, by which its tenant sees its own rows only.
 *
 * @throws TrailError `invalid_input` for a field that cannot be used, a name that is taken,
 *   or a tenant where there are no roles
 */
export async function createApiKey(database: Database, wanted: NewApiKey, by: Actor): Promise<CreatedApiKey> {
  const { name: keyName, scopes, tenant = null, expiresAt = null } = parseNewKey(wanted)
  if (tenant !== null && !(await hasRoles(database.query, database.schema))) throw rolesMissing(tenant)
  const secret = `${secretPrefix}${randomBytes(32).toString('base64url')}`
  const key = await database.transaction(async (tx) => {
    const { rows } = await tx<ApiKeyRow>(insertKey, [keyName, hashOf(secret), scopes, tenant, expiresAt])
    const [row] = rows
    if (!row) throw invalidKey('name', keyName, 'is that of another key: names are not given twice')
    const { type: actorType, id: actorId } = by
    const details = { keyId: row.key_id, name: keyName, scopes, tenant, expiresAt }
    await recordAdministration(tx, {
      eventType: 'TRAIL_KEY_CREATED',
      status: 'SUCCESS',
      actorType,
      actorId,
      details,
    })
    return keyOf(row)
  })
  return { key, secret }
}

/** Every key there ever was, the newest first. */
export async function listApiKeys({ query }: { readonly query: Query }): Promise<readonly ApiKey[]> {
  const { rows } = await query<ApiKeyRow>(`select ${keyColumns} from api_keys order by key_id desc`)
  return rows.map(keyOf)
}

/**
 * Revokes a key, and records who did; one that is revoked already stays as it is.
 *
 * @throws TrailError `key_not_found`
 */
export async function revokeApiKey(database: Database, keyId: string, by: Actor): Promise<ApiKey> {
  return await database.transaction(async (tx) => {
    const found = isUuid(keyId)
      ? await tx<ApiKeyRow & { readonly was_revoked: boolean }>(revokeKey, [keyId])
      : null
    const row = found?.rows[0]
    if (!row)
      throw new TrailError('key_not_found', `there is no key ${JSON.stringify(keyId.slice(0, 80))}`, {
        details: { keyId },
      })
    const { type: actorType, id: actorId } = by
    const details = { keyId: row.key_id, name: row.name }
    if (!row.was_revoked)
      await recordAdministration(tx, {
        eventType: 'TRAIL_KEY_REVOKED',
        status: 'SUCCESS',
        actorType,
        actorId,
        details,
      })
    return keyOf(row)
  })
}

/** A key as its secret shows it. */
export interface UsedApiKey extends Pick<ApiKey, 'keyId' | 'name' | 'scopes' | 'tenant'> {
  readonly state: 'active' | 'expired' | 'revoked'
}

/** The key of a secret, and whether it counts; null when there is none. Notes that it was used. */
export async function useApiKey(
  { query }: { readonly query: Query },
  secret: string,
): Promise<UsedApiKey | null> {
  const { rows } = await query<UsedRow>(useKey, [hashOf(secret)])
  const [row] = rows
  return row
    ? { keyId: row.key_id, name: row.name, scopes: row.scopes, tenant: row.tenant, state: row.state }
    : null
}

/** Whether there has ever been a key. */
export async function hasApiKeys({ query }: { readonly query: Query }): Promise<boolean> {
  const { rows } = await query<{ exist: boolean }>('select api_keys_exist() as exist')
  return rows[0]?.exist === true
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

function parseNewKey(wanted: NewApiKey): z.output<typeof newKeySchema> {
  const parsed = newKeySchema.safeParse(wanted)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const field = String(issue?.path[0] ?? 'key')
  throw invalidKey(
    field,
    (wanted as unknown as Readonly<Record<string, unknown>>)[field],
    issue?.message ?? '',
  )
}

const invalidKey = (field: string, value: unknown, problem: string): TrailError =>
  new TrailError('invalid_input', `the key is not made: ${field} (${JSON.stringify(value)}) ${problem}`, {
    details: { path: field },
  })

const rolesMissing = (tenant: string): TrailError =>
  new TrailError(
    'invalid_input',
    `the key for tenant ${JSON.stringify(tenant)} is not made: the roles that keep tenants apart are not there yet. Run \`steptrail migrate --roles\` first`,
  )

interface ApiKeyRow {
  readonly key_id: string
  readonly name: string
  readonly scopes: readonly KeyScope[]
  readonly tenant: string | null
  readonly created_at: string
  readonly expires_at: string | null
  readonly last_used_at: string | null
  readonly revoked_at: string | null
}

type UsedRow = Pick<ApiKeyRow, 'key_id' | 'name' | 'scopes' | 'tenant'> & {
  readonly state: UsedApiKey['state']
}

const keyOf = (row: ApiKeyRow): ApiKey => ({
  keyId: row.key_id,
  name: row.name,
  scopes: row.scopes,
  tenant: row.tenant,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
  revokedAt: row.revoked_at,
})

const keyColumns = 'key_id, name, scopes, tenant, created_at, expires_at, last_used_at, revoked_at'

/** Every request asks. */
const useKey: PreparedStatement = { name: 'use api key', text: 'select * from use_api_key($1)' }

const insertKey = `
insert into api_keys (name, secret_sha256, scopes, tenant, expires_at)
values ($1, $2, $3::text[], $4, $5)
on conflict (name) do nothing
returning ${keyColumns}`

const revokeKey = `
with before as (
  select key_id, revoked_at is not null as was_revoked
  from api_keys
  where key_id = $1
  for update
)
update api_keys
set revoked_at = coalesce(revoked_at, date_trunc('milliseconds', now()))
from before
where api_keys.key_id = before.key_id
returning api_keys.key_id, name, scopes, tenant, created_at, expires_at, last_used_at, revoked_at, before.was_revoked`
