import type { Access } from '../access/access.ts'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import { type PartBeside, partsBeside } from '../operation/parts-beside.ts'
import { Probe } from '../operation/probe.ts'
import type { Services } from '../services.ts'

/**
 * `GET /metrics`: numbers, and nothing of what is on record. Open, since it has to answer when no key can be looked up;
 * the names of workflows and actions are told to who may read every tenant's.
 */
export const metricsEndpoint = (services: Services): Endpoint => {
  const { access, metrics, executionMetrics, logMetrics, roleMetrics } = services
  return defineEndpoint({
    method: 'get',
    path: '/metrics',
    tag: 'operation',
    scope: null,
    summary: 'The server in numbers, for Prometheus',
    description:
      'With a key for reading that has no tenant, by the names of workflows and actions, which else are all `other`.',
    answer: { mediaTypes: ['text/plain'], description: 'In the text format of Prometheus.' },
    handle: async ({ request }) => {
      const names = mayReadAll(access, request)
      const texts = await Promise.all([
        metrics.text(),
        names.then((allowed) => executionMetrics.text({ names: allowed })),
        logMetrics.text(),
        partsOf(services).then((parts) => roleMetrics.text(parts)),
      ])
      return new Response(texts.join('\n'), { headers: { 'content-type': metrics.contentType } })
    },
  })
}

/** A role for which the login has no rights is in trouble, whatever the part says that does its work. */
async function partsOf(services: Services): Promise<readonly PartBeside[]> {
  const lacks = await services.rights.lacks().catch(() => [])
  const lacking = lacks.map(({ role, problem }) => ({ role, trouble: problem }))
  return [...Object.values(partsBeside(services)), ...lacking]
}

/** Numbers are wanted most when something is wrong, so whatever is wrong with the credential only keeps the names back. */
const mayReadAll = (access: Access, request: Request): Promise<boolean> =>
  new Probe('the database', () => access.mayReadEveryTenant(request)).ask().catch(() => false)
