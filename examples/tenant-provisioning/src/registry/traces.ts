import type { Registry } from './registry.ts'
import { schemaNameOf, tableOf } from './tenant-schema.ts'

/** How much of a tenant there is: schemas and rows, by kind. */
export interface TenantTraces {
  readonly schemas: number
  readonly realms: number
  readonly clients: number
  readonly logins: number
  readonly settings: number
  readonly roles: number
  readonly accounts: number
}

/** Counts everything of a tenant, in the registry and in its own schema. */
export async function tracesOf(registry: Registry, tenant: string): Promise<TenantTraces> {
  const schemaName = schemaNameOf(tenant)
  const [shared] = await registry.run<Pick<TenantTraces, 'schemas' | 'realms' | 'clients' | 'logins'>>([
    {
      text: `select
          (select count(*) from pg_namespace where nspname = $2) as schemas,
          (select count(*) from provisioning.realm where name = $1) as realms,
          (select count(*) from provisioning.client where realm_name = $1) as clients,
          (select count(*) from provisioning.login where realm_name = $1) as logins`,
      values: [tenant, schemaName],
    },
  ])
  if (!shared) throw new Error('counting gave no row')
  if (shared.schemas === 0) return { ...shared, settings: 0, roles: 0, accounts: 0 }
  const [own] = await registry.run<Pick<TenantTraces, 'settings' | 'roles' | 'accounts'>>([
    {
      text: `select
          (select count(*) from ${tableOf(schemaName, 'setting')}) as settings,
          (select count(*) from ${tableOf(schemaName, 'role')}) as roles,
          (select count(*) from ${tableOf(schemaName, 'account')}) as accounts`,
    },
  ])
  if (!own) throw new Error('counting gave no row')
  return { ...shared, ...own }
}
