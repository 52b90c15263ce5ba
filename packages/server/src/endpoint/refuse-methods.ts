import type { OpenAPIHono } from '@hono/zod-openapi'
import { TrailError } from '@steptrail/event'
import { type Endpoint, routeOf } from './endpoint.ts'

/** After all endpoints: a path of theirs refuses the methods that it has not, and says which it has. */
export function refuseMethods(
  app: OpenAPIHono,
  endpoints: readonly Endpoint[],
  respond: (error: TrailError, path: string) => Response,
): void {
  const byRoute = Map.groupBy(endpoints, routeOf)
  // What is named exactly is asked before what has a parameter in its place.
  const routes = [...byRoute].toSorted(([a], [b]) => Number(a.includes(':')) - Number(b.includes(':')))
  for (const [route, those] of routes) {
    const allowed = allowedOf(those)
    app.all(route, (context) => {
      const { method, path } = context.req
      const response = respond(methodNotAllowed(`${method} ${path.slice(0, 200)}`, allowed), path)
      response.headers.set('allow', allowed)
      return response
    })
  }
}

/** As the header `allow` has them. Who answers GET answers HEAD. */
const allowedOf = (endpoints: readonly Endpoint[]): string =>
  endpoints
    .flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
    .toSorted()
    .join(', ')

const methodNotAllowed = (asked: string, allowed: string): TrailError =>
  new TrailError('method_not_allowed', `there is no ${asked} here: this path takes ${allowed}`, {
    details: { allowed },
  })
