import {
  consistencyQuerySchema,
  consistencySchema,
  inclusionSchema,
  logQuerySchema,
  logStatusSchema,
  uuidParameter,
} from '@steptrail/client/messages'
import type { Database } from '@steptrail/core'
import { proveGrowth, proveInclusion, readCheckpoint, readEntryBundle, readTile } from '@steptrail/log'
import { TrailError } from '@steptrail/event'
import { base64Of, tileOfPath } from '@steptrail/verify'
import { z } from 'zod'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'
import { logStatusOf } from './log-status.ts'

/** What is public of the logs: neither hashes nor entries say anything about tenants or people. */
export const logEndpoints = (services: Services): readonly Endpoint[] => [
  checkpointEndpoint(services),
  tileEndpoint(services),
  inclusionEndpoint(services),
  consistencyEndpoint(services),
  defineEndpoint({
    method: 'get',
    path: '/api/v1/log/status',
    tag: 'log',
    scope: 'read',
    summary: 'Show how the logs stand, what waits to be sealed, and what verifying found last',
    answer: { schema: logStatusSchema, description: 'As the database has it now.' },
    handle: ({ principal }) => logStatusOf(services, principal),
  }),
]

const checkpointEndpoint = ({ database }: Services): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/api/v1/log/checkpoint',
    tag: 'log',
    scope: 'read',
    summary: 'Show the last signed checkpoint',
    query: logQuerySchema,
    answer: { mediaTypes: ['text/plain'], description: 'A C2SP tlog-checkpoint.' },
    handle: async ({ query }) =>
      new Response(await readCheckpoint(database, query), {
        headers: { 'content-type': 'text/plain; charset=utf-8' },
      }),
  })

const tileEndpoint = ({ database }: Services): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/api/v1/log/tile/{path}',
    takesRest: true,
    tag: 'log',
    scope: 'read',
    summary: 'Read a tile or a bundle of entries of a log',
    description:
      'By the paths of C2SP tlog-tiles, such as `0/x001/234` and `entries/000.p/5`. What a path stands for never ' +
      'changes. Entries are made anew from their events; those that retention let go of are not there.',
    params: z.strictObject({ path: z.string().max(200) }),
    query: logQuerySchema,
    answer: {
      mediaTypes: ['application/octet-stream'],
      description: 'Hashes, or entries with their lengths.',
    },
    handle: async ({ params, query }) =>
      new Response(await tileAt(database, params.path, query), {
        headers: {
          'content-type': 'application/octet-stream',
          'cache-control': 'private, max-age=31536000, immutable',
        },
      }),
  })

async function tileAt(
  database: Database,
  path: string,
  choice: z.output<typeof logQuerySchema>,
): Promise<Uint8Array<ArrayBuffer>> {
  const tile = tileOfPath(path)
  const read = tile?.isBundle ? readEntryBundle : readTile
  const bytes = tile && (await read(database, tile, choice))
  if (bytes) return new Uint8Array(bytes)
  throw new TrailError(
    'tile_not_found',
    `there is no tile or bundle ${JSON.stringify(path)} under the last checkpoint of this log`,
    { details: { parameter: 'path' } },
  )
}

const inclusionEndpoint = ({ database }: Services): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/api/v1/log/proof/{event_id}',
    tag: 'log',
    scope: 'read',
    summary: 'Prove that an event is in the log',
    params: z.strictObject({ event_id: uuidParameter }),
    answer: { schema: inclusionSchema, description: 'The proof, for the last checkpoint.' },
    handle: async ({ params: { event_id: eventId }, reader }) => {
      await requireVisible(reader, eventId)
      const { origin, index, proof, sealedAt } = await proveInclusion(database, eventId)
      return { event_id: eventId, origin, index, sealed_at: sealedAt, proof }
    },
  })

/** What is another tenant's is not there, and is told of as what is not. */
async function requireVisible(reader: Database, eventId: string): Promise<void> {
  const { rows } = await reader.query('select from audit_event where id = $1', [eventId])
  if (rows.length > 0) return
  throw new TrailError('event_not_sealed', `there is no event ${eventId}`, { details: { eventId } })
}

const consistencyEndpoint = ({ database }: Services): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/api/v1/log/consistency',
    tag: 'log',
    scope: 'read',
    summary: 'Prove that the last checkpoint continues an earlier one',
    query: consistencyQuerySchema,
    answer: { schema: consistencySchema, description: 'The proof, for the last checkpoint.' },
    handle: async ({ query: { from, origin } }) => {
      const proof = await proveGrowth(database, from, { origin })
      return { ...proof, hashes: proof.hashes.map(base64Of) }
    },
  })
