import { escapeIdentifier } from 'pg'
import type { Registry } from './registry.ts'
import { explained } from './refusal.ts'
import { schemaNameOf, tableOf } from './tenant-schema.ts'

/** A tenant's realm: its row in the registry, and its schema. */
export interface Realm {
  readonly realmId: string
  readonly schemaName: string
}

/** Creates the realm with its schema, tables and settings in one transaction; with a key used before, finds it. */
export async function createRealm(
  registry: Registry,
  { tenant, plan, key }: { readonly tenant: string; readonly plan: 'free' | 'pro'; readonly key: string },
): Promise<Realm> {
  const schemaName = schemaNameOf(tenant)
  const role = tableOf(schemaName, 'role')
  const account = tableOf(schemaName, 'account')
  const setting = tableOf(schemaName, 'setting')
  const created = registry.run<{ realm_id: string; schema_name: string }>([
    {
      text: `insert into provisioning.realm (name, schema_name, plan, provisioned_by) values ($1, $2, $3, $4)
        on conflict (provisioned_by) do nothing`,
      values: [tenant, schemaName, plan, key],
    },
    { text: `create schema if not exists ${escapeIdentifier(schemaName)}` },
    { text: `create table if not exists ${role} (name text primary key, permissions text[] not null)` },
    {
      text: `create table if not exists ${account} (
        email text primary key,
        role_name text not null references ${role} (name),
        created_at timestamptz not null default now()
      )`,
    },
    { text: `create table if not exists ${setting} (name text primary key, value text not null)` },
    {
      text: `insert into ${setting} (name, value)
        select name, value from unnest($1::text[], $2::text[]) as initial (name, value)
        on conflict (name) do nothing`,
      values: [['plan', 'users', 'storage'], settingsOf(plan)],
    },
    { text: 'select realm_id, schema_name from provisioning.realm where provisioned_by = $1', values: [key] },
  ])
  const [realm] = await explained(created, {
    taken: `there is a realm ${tenant} already`,
    locked: `realm ${tenant} is under maintenance`,
  })
  if (!realm) throw new Error(`realm ${tenant} was created and is not there`)
  return { realmId: realm.realm_id, schemaName: realm.schema_name }
}

/** Removes what was created with this key, and nothing that another key has created. */
export async function removeRealm(registry: Registry, key: string): Promise<void> {
  const [realm] = await registry.run<{ schema_name: string }>([
    { text: 'select schema_name from provisioning.realm where provisioned_by = $1', values: [key] },
  ])
  if (!realm) return
  await registry.run([
    { text: `drop schema if exists ${escapeIdentifier(realm.schema_name)} cascade` },
    { text: 'delete from provisioning.realm where provisioned_by = $1', values: [key] },
  ])
}

const settingsOf = (plan: 'free' | 'pro'): readonly string[] =>
  plan === 'pro' ? ['pro', '500', '1 TB'] : ['free', '5', '1 GB']
