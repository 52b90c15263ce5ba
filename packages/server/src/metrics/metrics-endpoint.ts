import type { Access } from '../access/access.ts'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'

/**
 * `GET /metrics`: numbers, and nothing of what is on record. Open, since it has to answer when no key can be looked up;
 * the names of workflows and actions are told to who may read every tenant's.
 */
export const metricsEndpoint = ({
  access,
  metrics,
  executionMetrics,
  logMetrics,
  roleMetrics,
}: Services): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/metrics',
    tag: 'operation',
    scope: null,
    summary: 'The server in numbers, for Prometheus',
    description:
      'With a key for reading that has no tenant, by the names of workflows and actions, which else are all `other`.',
    answer: { mediaTypes: ['text/plain'], description: 'In the text format of Prometheus.' },
    handle: async ({ request }) => {
      const names = await mayReadAll(access, request)
      return new Response(
        [
          await metrics.text(),
          await executionMetrics.text({ names }),
          await logMetrics.text(),
          await roleMetrics.text(),
        ].join('\n'),
        {
          headers: { 'content-type': metrics.contentType },
        },
      )
    },
  })

/** Numbers are wanted most when something is wrong, so whatever is wrong with the credential only keeps the names back. */
const mayReadAll = (access: Access, request: Request): Promise<boolean> =>
  access.mayReadEveryTenant(request).catch(() => false)
