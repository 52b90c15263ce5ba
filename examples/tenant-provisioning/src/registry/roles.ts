import { maintenanceEnded } from './maintenance.ts'
import type { Registry } from './registry.ts'
import { tableOf } from './tenant-schema.ts'

const defaultRoles: readonly { readonly name: string; readonly permissions: readonly string[] }[] = [
  { name: 'owner', permissions: ['read', 'write', 'administer'] },
  { name: 'editor', permissions: ['read', 'write'] },
  { name: 'viewer', permissions: ['read'] },
]

/** Creates the roles that every tenant has, once nobody maintains its roles any more. */
export async function setupDefaultRoles(
  registry: Registry,
  {
    tenant,
    schemaName,
    signal,
  }: { readonly tenant: string; readonly schemaName: string; readonly signal: AbortSignal },
): Promise<{ readonly roles: string[] }> {
  await maintenanceEnded(registry, { area: 'role', realmName: tenant }, signal)
  const role = tableOf(schemaName, 'role')
  await registry.run([
    {
      text: `insert into ${role} (name, permissions)
        select name, string_to_array(permissions, ' ')
        from unnest($1::text[], $2::text[]) as initial (name, permissions)
        on conflict (name) do nothing`,
      values: [
        defaultRoles.map(({ name }) => name),
        defaultRoles.map(({ permissions }) => permissions.join(' ')),
      ],
    },
  ])
  return { roles: defaultRoles.map(({ name }) => name) }
}

/** Removes the default roles. */
export async function removeDefaultRoles(registry: Registry, schemaName: string): Promise<void> {
  const text = `delete from ${tableOf(schemaName, 'role')} where name = any($1::text[])`
  await registry.run([{ text, values: [defaultRoles.map(({ name }) => name)] }])
}
