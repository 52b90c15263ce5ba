import { createWorker, type Dispatch, type Worker } from '@steptrail/workflow'
import { createClient, removeClient } from '../registry/client.ts'
import { createRealm, removeRealm } from '../registry/realm.ts'
import type { Registry } from '../registry/registry.ts'
import { removeDefaultRoles, setupDefaultRoles } from '../registry/roles.ts'
import { createDefaultUser, removeDefaultUser } from '../registry/user.ts'
import { provisionTenant } from '../workflow.ts'

/** The services that provision tenants, each a program of its own. */
export const services = [
  'realm-worker-service',
  'client-worker-service',
  'role-worker-service',
  'user-worker-service',
] as const
export type Service = (typeof services)[number]

/** Whether a text names one of the services. */
export const isService = (text: unknown): text is Service => services.some((service) => service === text)

/** What every worker needs: where its work comes from, and where it is done. */
export interface Workplace {
  readonly dispatch: Dispatch
  readonly registry: Registry
}

/** Found lost soon, looks for work often: this is a demonstration. */
const pace = { leaseMs: 3_000, pollMaxMs: 200 } as const

const realmWorker = ({ dispatch, registry }: Workplace) =>
  createWorker(dispatch, { service: 'realm-worker-service', ...pace }).implement(provisionTenant, {
    createRealm: {
      do: ({ input: { tenant, plan }, idempotencyKey: key }) => createRealm(registry, { tenant, plan, key }),
      undo: ({ idempotencyKey }) => removeRealm(registry, idempotencyKey),
    },
  })

const clientWorker = ({ dispatch, registry }: Workplace) =>
  createWorker(dispatch, { service: 'client-worker-service', ...pace }).implement(provisionTenant, {
    createClient: {
      do: ({ input: { tenant }, idempotencyKey: key }) => createClient(registry, { tenant, key }),
      undo: ({ idempotencyKey }) => removeClient(registry, idempotencyKey),
    },
  })

const roleWorker = ({ dispatch, registry }: Workplace) =>
  createWorker(dispatch, { service: 'role-worker-service', ...pace }).implement(provisionTenant, {
    setupDefaultRoles: {
      do: ({
        input: { tenant },
        outputs: {
          createRealm: { schemaName },
        },
        signal,
      }) => setupDefaultRoles(registry, { tenant, schemaName, signal }),
      undo: ({ outputs }) => removeDefaultRoles(registry, outputs.createRealm.schemaName),
    },
  })

const userWorker = ({ dispatch, registry }: Workplace) =>
  createWorker(dispatch, { service: 'user-worker-service', ...pace }).implement(provisionTenant, {
    createDefaultUser: {
      do: ({ input: { tenant, adminEmail: email }, outputs, idempotencyKey: key }) =>
        createDefaultUser(registry, { tenant, schemaName: outputs.createRealm.schemaName, email, key }),
      undo: ({ input: { tenant, adminEmail: email }, outputs, idempotencyKey: key }) =>
        removeDefaultUser(registry, { tenant, schemaName: outputs.createRealm.schemaName, email, key }),
    },
  })

const workers: Readonly<Record<Service, (workplace: Workplace) => Worker<Service>>> = {
  'realm-worker-service': realmWorker,
  'client-worker-service': clientWorker,
  'role-worker-service': roleWorker,
  'user-worker-service': userWorker,
}

/** A worker of the service, not started. */
export const workerOf = (service: Service, workplace: Workplace): Worker<Service> =>
  workers[service](workplace)
