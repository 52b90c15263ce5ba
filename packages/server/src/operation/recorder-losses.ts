import { type RecorderLosses, recorderLossesSchema } from '@steptrail/client/messages'
import { type Database, readRecorderGaps } from '@steptrail/core'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'

/** `GET /api/v1/recorders/losses`: what recorders lost, as far as it shows. */
export const recorderLossesEndpoint = ({ database, replica, recorder }: Services): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/api/v1/recorders/losses',
    tag: 'operation',
    scope: 'read',
    summary: 'Show what recorders lost',
    description:
      'A number that is missing between two events of a recorder is an event that was dropped, or that waits in a ' +
      'spool. What a recorder lost after its last event on record leaves no gap. One tenant sees no gaps, since what it ' +
      'does not see would look like what is missing.',
    answer: {
      schema: recorderLossesSchema,
      description: 'By the counts of the server, and by what is on record.',
    },
    handle: async ({ principal: { tenant } }) => {
      const { emitted, written, spooled, pending, dropped } = recorder.counts()
      return {
        server: { recorder_id: recorder.id, emitted, written, spooled, pending, dropped },
        gaps: tenant === null ? await gapsOf(replica ? await replica.known() : database) : null,
      }
    },
  })

const gapsOf = async (database: Database): Promise<RecorderLosses['gaps']> =>
  (await readRecorderGaps(database)).map(({ recorderId, serviceName, missing, lastAt }) => ({
    recorder_id: recorderId,
    service_name: serviceName,
    missing,
    last_at: lastAt,
  }))
