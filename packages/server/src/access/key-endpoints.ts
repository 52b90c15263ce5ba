import {
  createdKeySchema,
  keyListSchema,
  keySchema,
  newKeySchema,
  uuidParameter,
} from '@steptrail/client/messages'
import { createApiKey, listApiKeys, revokeApiKey } from '@steptrail/core'
import { z } from 'zod'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'
import { actorOf } from './principal.ts'

/** Keys: made, listed, revoked. */
export const keyEndpoints = ({ database }: Services): readonly Endpoint[] => [
  defineEndpoint({
    method: 'post',
    path: '/api/v1/keys',
    tag: 'keys',
    scope: 'admin',
    summary: 'Make a key',
    description:
      'Its secret is in the answer, and nowhere else. The first key ends that everybody on this machine may do ' +
      'everything. A key for one tenant needs the roles of the database.',
    body: newKeySchema,
    answer: { schema: createdKeySchema, status: 201, description: 'The key with its secret.' },
    handle: ({ body, principal }) => createApiKey(database, body, actorOf(principal)),
  }),
  defineEndpoint({
    method: 'get',
    path: '/api/v1/keys',
    tag: 'keys',
    scope: 'admin',
    summary: 'List keys',
    answer: { schema: keyListSchema, description: 'Every key there ever was, the newest first.' },
    handle: async () => ({ keys: await listApiKeys(database) }),
  }),
  defineEndpoint({
    method: 'delete',
    path: '/api/v1/keys/{id}',
    tag: 'keys',
    scope: 'admin',
    summary: 'Revoke a key',
    params: z.strictObject({ id: uuidParameter }),
    answer: { schema: keySchema, description: 'The key, which counts no more.' },
    handle: ({ params, principal }) => revokeApiKey(database, params.id, actorOf(principal)),
  }),
]
