import { describe, expect, it } from 'vitest'
import { schemaNameOf } from './registry/tenant-schema.ts'
import { services } from './workers/worker-of.ts'
import { provisionTenant, tenantName } from './workflow.ts'

describe('the workflow', () => {
  it('has a worker service for each of its steps', () => {
    expect(provisionTenant.definition.steps.map(({ name, service }) => [name, service])).toEqual([
      ['createRealm', 'realm-worker-service'],
      ['createClient', 'client-worker-service'],
      ['setupDefaultRoles', 'role-worker-service'],
      ['createDefaultUser', 'user-worker-service'],
    ])
    expect(provisionTenant.definition.steps.map(({ service }) => service)).toEqual(services)
  })

  it.each(['acme', 'a1', 'a-very-long-name-of-a-tenant-40-characters'])('takes a tenant %s', (name) => {
    expect(tenantName.safeParse(name.slice(0, 40)).success).toBe(true)
    expect(Buffer.byteLength(schemaNameOf(name.slice(0, 40)))).toBeLessThanOrEqual(63)
  })

  it.each(['', 'a', 'Acme', '1acme', 'acme_x', 'ac me', 'a'.repeat(41)])('refuses a tenant %j', (name) => {
    expect(tenantName.safeParse(name).success).toBe(false)
  })
})
