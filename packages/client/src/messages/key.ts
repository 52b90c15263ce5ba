import { eventLimits } from '@steptrail/event'
import { z } from 'zod'
import { named } from './named.ts'
import { scopes } from './scope.ts'

/** A key, without its secret. */
export const keySchema = named(
  'Key',
  z.strictObject({
    keyId: z.guid(),
    /** What its requests are recorded under. */
    name: z.string(),
    scopes: z.array(z.enum(scopes)),
    tenant: z.string().nullable(),
    createdAt: z.string(),
    expiresAt: z.string().nullable(),
    lastUsedAt: z.string().nullable(),
    revokedAt: z.string().nullable(),
  }),
)

/** Every key, the newest first. */
export const keyListSchema = named('KeyList', z.strictObject({ keys: z.array(keySchema) }))

/** A key to be made. */
export const newKeySchema = named(
  'NewKey',
  z.strictObject({
    name: z.string().min(1).max(eventLimits.nameLength).describe('What its requests are recorded under.'),
    scopes: z.array(z.enum(scopes)).min(1),
    tenant: z
      .string()
      .min(1)
      .max(eventLimits.nameLength)
      .nullish()
      .describe('The one tenant that it reaches.'),
    expiresAt: z.iso.datetime({ offset: true }).nullish(),
  }),
)

/** A key that was made, with its secret, which is shown this once. */
export const createdKeySchema = named('CreatedKey', z.strictObject({ key: keySchema, secret: z.string() }))

/** See `keySchema`. */
export type Key = z.output<typeof keySchema>
/** See `newKeySchema`. */
export type NewKey = z.input<typeof newKeySchema>
/** See `createdKeySchema`. */
export type CreatedKey = z.output<typeof createdKeySchema>
