import type { Registry, Statement } from './registry.ts'

/**
 * Creates what all tenants share, unless it is there: who has which realm, client and e-mail address, and which
 * registry is under maintenance.
 */
export async function createRegistry(registry: Registry): Promise<void> {
  await registry.run(sharedTables)
}

const sharedTables: readonly Statement[] = [
  { text: 'create schema if not exists provisioning' },
  {
    text: `create table if not exists provisioning.realm (
      name text constraint "a realm name belongs to one tenant" primary key,
      realm_id uuid not null default gen_random_uuid(),
      schema_name text not null constraint "a schema belongs to one realm" unique,
      plan text not null constraint "there is such a plan" check (plan in ('free', 'pro')),
      provisioned_by text not null constraint "a realm is created once" unique,
      created_at timestamptz not null default now()
    )`,
  },
  {
    text: `create table if not exists provisioning.client (
      client_id text constraint "a client id belongs to one tenant" primary key,
      realm_name text not null references provisioning.realm (name),
      secret_salt bytea not null,
      secret_hash bytea not null,
      provisioned_by text not null constraint "a client is created once" unique
    )`,
  },
  {
    text: `create table if not exists provisioning.login (
      email text constraint "an e-mail address belongs to one tenant" primary key,
      realm_name text not null references provisioning.realm (name),
      provisioned_by text not null constraint "a login is created once" unique
    )`,
  },
  {
    text: `create table if not exists provisioning.maintenance_lock (
      area text not null,
      realm_name text not null,
      held_by text not null,
      held_since timestamptz not null default now(),
      constraint "one program maintains an area of a realm" primary key (area, realm_name)
    )`,
  },
  {
    text: `create or replace function provisioning.refuse_under_maintenance() returns trigger language plpgsql as $$
    declare
      holder text;
    begin
      select held_by into holder
      from provisioning.maintenance_lock
      where area = tg_argv[0] and realm_name = new.realm_name;
      if found then
        raise exception '% registry of realm % is locked by %', tg_argv[0], new.realm_name, holder
          using errcode = 'lock_not_available';
      end if;
      return new;
    end
    $$`,
  },
  {
    text: `create or replace trigger "no client under maintenance"
      before insert on provisioning.client
      for each row execute function provisioning.refuse_under_maintenance('client')`,
  },
  { text: 'create sequence if not exists provisioning.tenant_number' },
]
