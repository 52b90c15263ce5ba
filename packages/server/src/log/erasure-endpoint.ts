import { erasureCertificateSchema, erasureOrderSchema, uuidParameter } from '@steptrail/client/messages'
import { TrailError } from '@steptrail/event'
import { erase, erasureCertificate } from '@steptrail/log'
import { z } from 'zod'
import { actorOf } from '../access/principal.ts'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { ServerOptions } from '../server-options.ts'
import type { Services } from '../services.ts'

/** `/api/v1/erasures`. */
export const erasureEndpoints = (services: Services): readonly Endpoint[] => [
  eraseEndpoint(services),
  certificateEndpoint(services),
]

const certificateEndpoint = ({ database }: Services): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/api/v1/erasures/{erasure_id}',
    tag: 'log',
    scope: 'admin',
    summary: 'The certificate of an erasure, once more',
    description: 'It is made anew from what is on record, for one that was lost.',
    params: z.strictObject({ erasure_id: uuidParameter }),
    answer: { schema: erasureCertificateSchema, description: 'The certificate.' },
    handle: async ({ params: { erasure_id: erasureId } }) => await erasureCertificate(database, erasureId),
  })

const eraseEndpoint = ({ database, sealing }: Services): Endpoint =>
  defineEndpoint({
    method: 'post',
    path: '/api/v1/erasures',
    tag: 'log',
    scope: 'admin',
    repeats: 'noted',
    summary: 'Erase what people said and did, for good',
    description:
      'Of events the body goes, of executions what they took, gave and were told. Who, when and that it happened ' +
      'stay, and every proof stays valid. Needs a server that seals.',
    body: erasureOrderSchema,
    answer: { schema: erasureCertificateSchema, description: 'It is erased: the certificate.' },
    handle: async ({ body: { match, reason, approvedBy }, principal, writer }) => {
      const { key, memory, clock } = requireSealing(sealing)
      return await erase(database, {
        key,
        memory,
        clock,
        match,
        actor: actorOf(principal),
        reason,
        approvedBy,
        writer,
      })
    },
  })

function requireSealing(sealing: ServerOptions['sealing']): NonNullable<ServerOptions['sealing']> {
  if (sealing) return sealing
  throw new TrailError(
    'order_refused',
    'nothing is erased: this server does not seal, so it cannot prove the erasure; ask one that does, or run `steptrail erase`',
  )
}
