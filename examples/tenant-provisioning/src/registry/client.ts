import { randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { explained } from './refusal.ts'
import type { Registry } from './registry.ts'

const hash = promisify<Buffer, Buffer, number, Buffer>(scrypt)

/** Creates the client with which the tenant's programs sign in; of its secret only a hash is kept. */
export async function createClient(
  registry: Registry,
  { tenant, key }: { readonly tenant: string; readonly key: string },
): Promise<{ readonly clientId: string }> {
  const salt = randomBytes(16)
  const secretHash = await hash(randomBytes(32), salt, 64)
  const created = registry.run<{ client_id: string }>([
    {
      text: `insert into provisioning.client (client_id, realm_name, secret_salt, secret_hash, provisioned_by)
        values ($1, $2, decode($3, 'hex'), decode($4, 'hex'), $5)
        on conflict (provisioned_by) do nothing`,
      values: [`${tenant}-app`, tenant, salt.toString('hex'), secretHash.toString('hex'), key],
    },
    { text: 'select client_id from provisioning.client where provisioned_by = $1', values: [key] },
  ])
  const [client] = await explained(created, {
    taken: `the client id ${tenant}-app belongs to another tenant`,
    locked: `the clients of ${tenant} are under maintenance`,
  })
  if (!client) throw new Error(`client ${tenant}-app was created and is not there`)
  return { clientId: client.client_id }
}

/** Removes the client that was created with this key. */
export async function removeClient(registry: Registry, key: string): Promise<void> {
  await registry.run([{ text: 'delete from provisioning.client where provisioned_by = $1', values: [key] }])
}
