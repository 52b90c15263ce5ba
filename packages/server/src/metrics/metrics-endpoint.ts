import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'

/** `GET /metrics`. */
export const metricsEndpoint = ({ metrics }: Services): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/metrics',
    tag: 'operation',
    scope: null,
    summary: 'Metrics for Prometheus',
    answer: { mediaTypes: ['text/plain'], description: 'In its text format.' },
    handle: async () =>
      new Response(await metrics.text(), {
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      }),
  })
