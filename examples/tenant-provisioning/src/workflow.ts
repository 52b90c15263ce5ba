import { defineWorkflow } from '@steptrail/workflow'
import { z } from 'zod'

/** Name of a tenant: it becomes part of the name of its schema, which PostgreSQL limits to 63 bytes. */
export const tenantName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,39}$/, 'is no tenant name: 2 to 40 of a-z, 0-9 and -, a letter first')

/**
 * Provisions a tenant in the database of its workers: a realm (a schema with its tables and settings), a client
 * to sign in with, the default roles, and the first user. What a step did is undone when a later one fails.
 */
export const provisionTenant = defineWorkflow({
  name: 'tenant-provisioning',
  version: '1.0.0',
  input: z.object({ tenant: tenantName, plan: z.enum(['free', 'pro']), adminEmail: z.email() }),
  retry: {
    maxRetries: 3,
    backoff: { type: 'exponential', initialMs: 300, factor: 2, maxMs: 5_000, jitter: 0.1 },
  },
  steps: {
    createRealm: {
      service: 'realm-worker-service',
      output: z.object({ realmId: z.string(), schemaName: z.string() }),
      after: [],
      timeoutMs: 10_000,
    },
    createClient: {
      service: 'client-worker-service',
      output: z.object({ clientId: z.string() }),
      after: ['createRealm'],
      timeoutMs: 10_000,
    },
    setupDefaultRoles: {
      service: 'role-worker-service',
      output: z.object({ roles: z.array(z.string()) }),
      after: ['createClient'],
      timeoutMs: 20_000,
    },
    createDefaultUser: {
      service: 'user-worker-service',
      output: z.object({ email: z.string(), role: z.string() }),
      after: ['setupDefaultRoles'],
      timeoutMs: 10_000,
    },
  },
})
