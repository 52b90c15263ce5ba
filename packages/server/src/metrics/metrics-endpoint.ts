import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'

/** `GET /metrics`: numbers, and nothing of what is on record. Open, since it has to answer when no key can be looked up. */
export const metricsEndpoint = ({ metrics, executionMetrics, logMetrics, roleMetrics }: Services): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/metrics',
    tag: 'operation',
    scope: null,
    summary: 'The server in numbers, for Prometheus',
    answer: { mediaTypes: ['text/plain'], description: 'In the text format of Prometheus.' },
    handle: async () =>
      new Response(
        [
          await metrics.text(),
          await executionMetrics.text(),
          await logMetrics.text(),
          await roleMetrics.text(),
        ].join('\n'),
        {
          headers: { 'content-type': metrics.contentType },
        },
      ),
  })
