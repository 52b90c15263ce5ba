import { explained } from './refusal.ts'
import type { Registry } from './registry.ts'
import { tableOf } from './tenant-schema.ts'

/** A tenant's first user, to be created or removed. */
export interface DefaultUser {
  readonly tenant: string
  readonly schemaName: string
  readonly email: string
  readonly key: string
}

const firstRole = 'owner'

/** Registers the e-mail address, which no other tenant may have, and gives it an account as owner. */
export async function createDefaultUser(
  registry: Registry,
  { tenant, schemaName, email, key }: DefaultUser,
): Promise<{ readonly email: string; readonly role: string }> {
  const created = registry.run([
    {
      text: `insert into provisioning.login (email, realm_name, provisioned_by) values ($1, $2, $3)
        on conflict (provisioned_by) do nothing`,
      values: [email, tenant, key],
    },
    {
      text: `insert into ${tableOf(schemaName, 'account')} (email, role_name) values ($1, $2)
        on conflict (email) do nothing`,
      values: [email, firstRole],
    },
  ])
  await explained(created, {
    taken: `the e-mail address ${email} belongs to another tenant`,
    locked: `the users of ${tenant} are under maintenance`,
  })
  return { email, role: firstRole }
}

/** Removes the account and the registration of its address, if it was this key that registered it. */
export async function removeDefaultUser(
  registry: Registry,
  { schemaName, email, key }: DefaultUser,
): Promise<void> {
  await registry.run([
    { text: `delete from ${tableOf(schemaName, 'account')} where email = $1`, values: [email] },
    { text: 'delete from provisioning.login where provisioned_by = $1', values: [key] },
  ])
}
