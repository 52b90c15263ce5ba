// Checked by the compiler: each line after `@ts-expect-error` is an error, and every other line is none.
import { z } from 'zod'
import { defineWorkflow } from './define.ts'
import type { Dispatch } from './dispatch.ts'
import { createWorker } from './worker.ts'

declare const dispatch: Dispatch

const provisionTenant = defineWorkflow({
  name: 'tenant-provisioning',
  version: '1.0.0',
  input: z.object({ tenant: z.string().min(1), plan: z.enum(['free', 'pro']), since: z.coerce.date() }),
  steps: {
    createRealm: {
      service: 'realm',
      output: z.object({ realmId: z.string(), at: z.date(), size: z.number().default(1) }),
      after: [],
    },
    createClient: {
      service: 'client',
      output: z.object({ clientId: z.number() }),
      after: ['createRealm'],
    },
    setupRoles: {
      service: 'role',
      output: z.object({ roles: z.array(z.string()) }),
      after: ['createRealm'],
    },
    sendMail: {
      service: 'mail',
      output: z.object({}),
      after: ['createClient', 'setupRoles'],
      undo: 'none',
    },
  },
})

// Everything that handlers get, and may return.
createWorker(dispatch, { service: 'realm' })
  .implement(provisionTenant, {
    createRealm: {
      do: ({ input, outputs, idempotencyKey, attempt, signal, executionId, stepName, correlationId }) => {
        const plan: 'free' | 'pro' = input.plan
        const since: Date = input.since
        const none: keyof typeof outputs extends never ? true : false = true
        const texts: string[] = [idempotencyKey, executionId, stepName, correlationId]
        void [plan, since, none, texts, attempt.toFixed(), signal.aborted]
        // `size` has a default, so it may be left out.
        return { realmId: 'r', at: new Date(0) }
      },
      undo: (context) => {
        if (context.outcome === 'unknown') return
        const at: string = context.output.at
        const size: number = context.output.size
        void [at, size, context.idempotencyKey]
      },
    },
  })
  .implement(provisionTenant, {
    // @ts-expect-error the second workflow is checked as the first: wrong result
    createRealm: { do: () => ({ realmId: 5, at: new Date(0) }), undo: () => {} },
  })

createWorker(dispatch, { service: 'mail' }).implement(provisionTenant, {
  sendMail: {
    do: async ({ outputs }) => {
      const realm: string = outputs.createRealm.realmId
      const at: string = outputs.createRealm.at
      const client: number = outputs.createClient.clientId
      const roles: readonly string[] = outputs.setupRoles.roles
      void [realm, at, client, roles]
      return {}
    },
  },
})

// What is refused.
createWorker(dispatch, { service: 'client' }).implement(provisionTenant, {
  createClient: {
    do: ({ outputs }) => {
      // @ts-expect-error setupRoles is no ancestor of createClient
      void outputs.setupRoles
      // @ts-expect-error a Date comes back through JSON as text
      void outputs.createRealm.at.getTime
      return { clientId: 1 }
    },
    undo: (context) => {
      // @ts-expect-error the output is undefined when the outcome is unknown
      void context.output.clientId
    },
  },
})
createWorker(dispatch, { service: 'client' }).implement(provisionTenant, {
  // @ts-expect-error undo is missing, and the step does not say that there is none
  createClient: { do: () => ({ clientId: 1 }) },
})
createWorker(dispatch, { service: 'client' }).implement(provisionTenant, {
  // @ts-expect-error wrong result
  createClient: { do: () => ({ clientId: '1' }), undo: () => {} },
})
createWorker(dispatch, { service: 'client' }).implement(provisionTenant, {
  // @ts-expect-error DO must return what the schema asks for
  createClient: { do: () => {}, undo: () => {} },
})
createWorker(dispatch, { service: 'mail' }).implement(provisionTenant, {
  // @ts-expect-error the step says undo: 'none', so this would never be called
  sendMail: { do: () => ({}), undo: () => {} },
})
// @ts-expect-error a step of this service is missing
createWorker(dispatch, { service: 'client' }).implement(provisionTenant, {})
createWorker(dispatch, { service: 'client' }).implement(provisionTenant, {
  createClient: { do: () => ({ clientId: 1 }), undo: () => {} },
  // @ts-expect-error this step belongs to another service
  setupRoles: { do: () => ({ roles: [] }), undo: () => {} },
})
declare const anyService: string
// @ts-expect-error a service that may be any text does not say which steps are its own
createWorker(dispatch, { service: anyService })

// @ts-expect-error a worker has no option of this name
createWorker(dispatch, { service: 'mail', parallelism: 3 })
// @ts-expect-error concurrency is a number
createWorker(dispatch, { service: 'mail', concurrency: '3' })
