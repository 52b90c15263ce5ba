import { randomUUID } from 'node:crypto'
import { OpenAPIHono } from '@hono/zod-openapi'
import { TrailError } from '@steptrail/event'
import { cors } from 'hono/cors'
import type { Context } from 'hono'
import { matchedRoutes } from 'hono/route'
import { addDocuments } from './documents/add-documents.ts'
import { type OpenApiDocument, openApiOf } from './documents/openapi.ts'
import type { Endpoint } from './endpoint/endpoint.ts'
import { mount } from './endpoint/mount.ts'
import { refuseMethods } from './endpoint/refuse-methods.ts'
import { problemOf } from './problem/problem-of.ts'
import type { Services } from './services.ts'
import { addApplication } from './web/add-application.ts'

/** The app, and how it describes itself. */
export interface App {
  readonly hono: OpenAPIHono
  readonly document: OpenApiDocument
}

/** The app that answers requests, whatever carries them. */
export function createApp(services: Services, endpoints: readonly Endpoint[]): App {
  const hono = new OpenAPIHono()
  hono.use(async (context, next) => {
    const requestId = randomUUID()
    const began = performance.now()
    await next()
    // Nobody reads the body of an answer to HEAD, so nobody would end what it is made of.
    if (context.req.method === 'HEAD') await context.res.body?.cancel()
    services.metrics.answered({
      method: context.req.method,
      route: routeOf(context),
      status: context.res.status,
      seconds: (performance.now() - began) / 1000,
    })
    for (const [name, value] of Object.entries(securityHeaders))
      if (!context.res.headers.has(name)) context.res.headers.set(name, value)
    context.res.headers.set('x-request-id', requestId)
  })
  const { corsOrigins } = services.settings
  if (corsOrigins.length > 0) hono.use(cors({ origin: [...corsOrigins], exposeHeaders: [...readByPages] }))
  for (const endpoint of endpoints) mount(hono, endpoint, services)
  refuseMethods(hono, endpoints, problemResponse)
  const document = openApiOf(hono, services.version)
  if (services.roles.includes('api')) {
    addDocuments(hono, document)
    addApplication(hono)
  }
  hono.notFound((context) =>
    problemResponse(routeNotFound(context.req.method, context.req.path), context.req.path),
  )
  hono.onError((error, context) => {
    const response = problemResponse(error, context.req.path)
    if (response.status === 500) services.onTrouble(`${context.req.method} ${context.req.path} failed`, error)
    return response
  })
  return { hono, document }
}

/** The path that answered, with its parameters' names; `/*` for what is nobody's, or the application's. */
const routeOf = (context: Context): string =>
  matchedRoutes(context).findLast(({ path }) => !path.endsWith('*'))?.path ?? '/*'

/** Headers of answers that pages of other origins may read: those that the API gives a meaning of its own. */
const readByPages = [
  'content-disposition',
  'deprecation',
  'idempotent-replayed',
  'link',
  'location',
  'retry-after',
  'x-request-id',
  'x-steptrail-snapshot',
] as const

/** What no answer of ours needs: being framed, sniffed, cached by others, or running anything. */
const securityHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const

function problemResponse(error: unknown, path: string): Response {
  const problem = problemOf(error, path)
  const retryAfter = retryAfterOf(error, problem.status)
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      ...(retryAfter !== null && { 'retry-after': String(retryAfter) }),
      ...(problem.status === 401 && { 'www-authenticate': 'Bearer realm="steptrail"' }),
    },
  })
}

/** Seconds until the same request may succeed; null where it will not. */
function retryAfterOf(error: unknown, status: number): number | null {
  if (error instanceof TrailError && typeof error.details['retryAfterSeconds'] === 'number')
    return error.details['retryAfterSeconds']
  return status === 503 ? 1 : null
}

const routeNotFound = (method: string, path: string): TrailError =>
  new TrailError('route_not_found', `there is no ${method} ${path.slice(0, 200)} here: see /docs`)
