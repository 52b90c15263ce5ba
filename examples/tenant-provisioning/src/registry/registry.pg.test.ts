import { describeOnBoth } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { createClient, removeClient } from './client.ts'
import { createRegistry } from './create-registry.ts'
import { DatabaseRegistry } from './database-registry.ts'
import { beginMaintenance, endMaintenance, maintenanceEnded } from './maintenance.ts'
import { createRealm, removeRealm } from './realm.ts'
import { removeDefaultRoles, setupDefaultRoles } from './roles.ts'
import { tracesOf } from './traces.ts'
import { createDefaultUser, removeDefaultUser } from './user.ts'

const nothing = { schemas: 0, realms: 0, clients: 0, logins: 0, settings: 0, roles: 0, accounts: 0 }

describeOnBoth('the registry of tenants', (open) => {
  const opened = async (): Promise<DatabaseRegistry> => {
    const registry = new DatabaseRegistry(await open())
    await createRegistry(registry)
    return registry
  }
  const { signal } = new AbortController()

  /** Provisions a tenant in full, each step with a key of its own. */
  async function provision(registry: DatabaseRegistry, tenant: string): Promise<void> {
    const { schemaName } = await createRealm(registry, { tenant, plan: 'free', key: `${tenant}/realm` })
    await createClient(registry, { tenant, key: `${tenant}/client` })
    await setupDefaultRoles(registry, { tenant, schemaName, signal })
    await createDefaultUser(registry, {
      tenant,
      schemaName,
      email: `a@${tenant}.example`,
      key: `${tenant}/user`,
    })
  }

  it('may be created twice', async () => {
    await expect(createRegistry(await opened())).resolves.toBeUndefined()
  })

  it('does each step once, however often it is asked with the same key', async () => {
    const registry = await opened()
    const realm = await createRealm(registry, { tenant: 'acme', plan: 'pro', key: 'acme/realm' })
    expect(await createRealm(registry, { tenant: 'acme', plan: 'pro', key: 'acme/realm' })).toEqual(realm)
    await provision(registry, 'acme')
    await provision(registry, 'acme')
    expect(await tracesOf(registry, 'acme')).toEqual({
      schemas: 1,
      realms: 1,
      clients: 1,
      logins: 1,
      settings: 3,
      roles: 3,
      accounts: 1,
    })
  })

  it('leaves nothing of a tenant whose steps are undone, and all of the others', async () => {
    const registry = await opened()
    await provision(registry, 'acme')
    await provision(registry, 'globex')
    const globex = await tracesOf(registry, 'globex')
    const user = { tenant: 'acme', schemaName: 'tenant_acme', email: 'a@acme.example', key: 'acme/user' }
    await removeDefaultUser(registry, user)
    await removeDefaultRoles(registry, 'tenant_acme')
    await removeClient(registry, 'acme/client')
    await removeRealm(registry, 'acme/realm')
    await removeRealm(registry, 'acme/realm')
    expect(await tracesOf(registry, 'acme')).toEqual(nothing)
    expect(await tracesOf(registry, 'globex')).toEqual(globex)
  })

  it('refuses a realm, a client and an address that another key holds, says why, and keeps theirs', async () => {
    const registry = await opened()
    await provision(registry, 'acme')
    const acme = await tracesOf(registry, 'acme')
    const realm = createRealm(registry, { tenant: 'acme', plan: 'pro', key: 'other' })
    await expect(realm).rejects.toMatchObject({ code: '23505', reason: 'there is a realm acme already' })
    await expect(createClient(registry, { tenant: 'acme', key: 'other' })).rejects.toMatchObject({
      code: '23505',
    })
    await createRealm(registry, { tenant: 'globex', plan: 'pro', key: 'globex/realm' })
    await setupDefaultRoles(registry, { tenant: 'globex', schemaName: 'tenant_globex', signal })
    const user = {
      tenant: 'globex',
      schemaName: 'tenant_globex',
      email: 'a@acme.example',
      key: 'globex/user',
    }
    await expect(createDefaultUser(registry, user)).rejects.toMatchObject({
      code: '23505',
      reason: 'the e-mail address a@acme.example belongs to another tenant',
    })
    await removeRealm(registry, 'other')
    await removeClient(registry, 'other')
    expect(await tracesOf(registry, 'acme')).toEqual(acme)
    expect(await tracesOf(registry, 'globex')).toMatchObject({ logins: 0, accounts: 0 })
  })

  it('refuses new clients of a realm under maintenance, and lets the role worker wait', async () => {
    const registry = await opened()
    await createRealm(registry, { tenant: 'acme', plan: 'free', key: 'acme/realm' })
    const clients = { area: 'client', realmName: 'acme' } as const
    await beginMaintenance(registry, clients, 'backup')
    await expect(createClient(registry, { tenant: 'acme', key: 'acme/client' })).rejects.toMatchObject({
      code: '55P03',
      message: 'client registry of realm acme is locked by backup',
      reason: 'the clients of acme are under maintenance',
    })
    await expect(maintenanceEnded(registry, clients, AbortSignal.abort())).rejects.toThrow('abort')
    await endMaintenance(registry, clients)
    await maintenanceEnded(registry, clients, signal)
    await createClient(registry, { tenant: 'acme', key: 'acme/client' })
  })

  it('takes any name for a schema as a name', async () => {
    const registry = await opened()
    const tenant = `o"; drop schema provisioning cascade; --`
    await createRealm(registry, { tenant, plan: 'free', key: 'odd/realm' })
    expect(await tracesOf(registry, tenant)).toMatchObject({ schemas: 1, settings: 3 })
    await removeRealm(registry, 'odd/realm')
    expect(await tracesOf(registry, tenant)).toEqual(nothing)
  })
})
