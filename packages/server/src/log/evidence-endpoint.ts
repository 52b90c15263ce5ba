import { uuidParameter } from '@steptrail/client/messages'
import { makeEvidencePack } from '@steptrail/log'
import { z } from 'zod'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'

/** `GET /api/v1/executions/{id}/evidence`. */
export const evidenceEndpoint = ({ database }: Services): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/api/v1/executions/{id}/evidence',
    tag: 'log',
    scope: 'read',
    shows: true,
    summary: 'Download an evidence pack: all that is on record of an execution, with the proofs',
    description:
      'A zip file that verifies offline, with `steptrail verify --offline` or any other verifier of the format. The ' +
      'same state gives the same bytes. As long as an event of it is not sealed, there is none: 404 `event_not_sealed`.',
    params: z.strictObject({ id: uuidParameter }),
    answer: { mediaTypes: ['application/zip'], description: 'The pack.' },
    handle: async ({ params, principal }) => {
      const { tenant } = principal
      const pack = await makeEvidencePack(database, params.id, tenant === null ? {} : { tenant })
      return new Response(pack.bytes, {
        headers: {
          'content-type': 'application/zip',
          'content-disposition': `attachment; filename="evidence-${pack.executionId}.zip"`,
        },
      })
    },
  })
