import { problemSchema } from '@steptrail/client/messages'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { type Database, recordAdministration } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import type { Context } from 'hono'
import type { z } from 'zod'
import { characterZero, invalidRequest, type RequestPart } from '../problem/invalid-request.ts'
import type { Wanted } from '../access/access.ts'
import { authorize } from '../access/create-access.ts'
import { isDenial } from '../access/denials.ts'
import type { Principal } from '../access/principal.ts'
import type { Services } from '../services.ts'
import { type Endpoint, nothing, routeOf } from './endpoint.ts'
import { jsonAnswer } from './json-answer.ts'
import { readJsonBody, requireShallow } from './read-body.ts'
import { idempotencyKeySchema } from './idempotency-key.ts'
import { begunRequest, type Writer, writerOf } from './repeatable-request.ts'

/** Adds an endpoint to the app and to its description: who asks and whether it may, then what is asked, then the answer. */
export function mount(app: OpenAPIHono, endpoint: Endpoint, services: Services): void {
  app.openAPIRegistry.registerPath(describe(endpoint))
  const { method, answer } = endpoint
  app.on([method.toUpperCase()], routeOf(endpoint), async (context) => {
    const { access } = services
    const wanted = { method, path: context.req.path, scope: endpoint.scope }
    const principal = await admit(context, wanted, services)
    const query = checked('query', queryOf(context), endpoint.query ?? nothing)
    const params = checked('path', context.req.param(), endpoint.params ?? nothing)
    const given = endpoint.body && (await bodyOf(context.req.raw, endpoint, services))
    const body = endpoint.body && checked('body', given, endpoint.body)
    const request = context.req.raw
    if (endpoint.shows) await recordReading(principal, wanted, { services, query: context.req.query() })
    const writer = await writerFor(endpoint, services, { request, principal, body })
    const call = {
      wanted,
      address: addressOf(context),
      query,
      params,
      body,
      principal,
      reader: access.readerFor(principal, await sourceOf(endpoint, context.req.raw, services)),
      writer,
      request,
      url: new URL(request.url),
      confirm: () => access.confirm(request, wanted, principal),
      signal: request.signal,
    }
    const answered = await handled(endpoint, services, call)
    if (answered instanceof Response) return answered
    const response = await jsonAnswer(request, answered, answer.status ?? 200)
    if (writer.isRepeated) response.headers.set('idempotent-replayed', 'true')
    return response
  })
}

/** Notes the request, where it is to be noted and has an Idempotency-Key. */
async function writerFor(
  { repeats }: Endpoint,
  services: Services,
  { request, principal, body }: Pick<Handled, 'request' | 'principal' | 'body'>,
): Promise<Writer> {
  if (repeats !== 'noted') return writerOf(services.database, undefined)
  const sent = { request, principal, body: JSON.stringify(body) }
  return writerOf(services.database, await begunRequest(services, sent))
}

async function bodyOf(request: Request, { takesDeep }: Endpoint, { settings }: Services): Promise<unknown> {
  const body = await readJsonBody(request, settings.bodyBytes)
  if (!takesDeep) requireShallow(body)
  return body
}

/** Where the endpoint reads. Who needs what was recorded a moment ago asks for no answer from a cache. */
async function sourceOf(
  { mayLag }: Endpoint,
  { headers }: Request,
  { database, replica }: Services,
): Promise<Database> {
  const mustBeFresh = /\bno-cache\b/i.test(headers.get('cache-control') ?? '')
  return mayLag && replica && !mustBeFresh ? await replica.known() : database
}

/** Who asks, when it may. An attempt that is refused is on record. */
async function admit(context: Context, wanted: Wanted, { access, denials }: Services): Promise<Principal> {
  const address = addressOf(context)
  let principal: Principal | null = null
  try {
    principal = await access.identify(context.req.raw, address, wanted)
    authorize(principal, wanted)
    return principal
  } catch (error) {
    if (isDenial(error)) await denials.record({ error, wanted, principal, address })
    throw error
  }
}

interface Reading {
  readonly services: Services
  readonly query: Readonly<Record<string, string>>
}

/** Before anything is shown: what cannot be put on record is not shown. */
async function recordReading(
  { actor, tenant }: Principal,
  { method, path }: Wanted,
  { services, query }: Reading,
): Promise<void> {
  const { database, settings, redaction } = services
  if (!settings.recordsReading) return
  const who = {
    ...(actor && { actorType: actor.type, actorId: actor.id }),
    ...(tenant !== null && { tenant }),
  }
  const details = { method: method.toUpperCase(), path, query }
  await database.transaction((tx) =>
    recordAdministration(tx, { eventType: 'TRAIL_READ', status: 'SUCCESS', ...who, details }, redaction),
  )
}

type Handled = Parameters<Endpoint['handle']>[0] & {
  readonly address: string | null
  readonly wanted: Wanted
}

/** What the handler answers; what it refuses for the sake of tenants is on record as well. */
async function handled(
  endpoint: Endpoint,
  { denials }: Services,
  { address, wanted, ...call }: Handled,
): Promise<unknown> {
  try {
    return await endpoint.handle(call)
  } catch (error) {
    if (isDenial(error)) await denials.record({ error, wanted, principal: call.principal, address })
    throw error
  }
}

/** The address of who asks; null where it is not known, as in tests without a socket. */
function addressOf(context: Context): string | null {
  const { incoming } = (context.env ?? {}) as {
    readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } }
  }
  return incoming?.socket?.remoteAddress ?? null
}

/** A parameter that is given more than once is a list, which no schema takes. */
function queryOf(context: Context): Record<string, unknown> {
  requireNames(context.req.url)
  const entries = Object.entries(context.req.queries())
  return Object.fromEntries(entries.map(([key, values]) => [key, values.length === 1 ? values[0] : values]))
}

/** A value without a name, as in `?=x`, is none of the parameters: nobody would be told that it was passed over. */
function requireNames(url: string): void {
  if (!/(?:^\?|&)=/.test(new URL(url).search)) return
  throw new TrailError(
    'invalid_filter',
    'a parameter of the query has a value and no name: give it as name=value, or leave it out',
  )
}

function checked(part: RequestPart, given: unknown, schema: z.ZodType): unknown {
  if (part !== 'body') requireStorable(part, given as Readonly<Record<string, unknown>>)
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  throw invalidRequest(part, given, parsed.error)
}

/** PostgreSQL has no text with the character of number 0, so nothing can match it. */
function requireStorable(part: 'query' | 'path', given: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(given))
    if (`${name}${String(value)}`.includes('\0')) throw characterZero(part, name)
}

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
})

function describe(endpoint: Endpoint): Parameters<OpenAPIHono['openAPIRegistry']['registerPath']>[0] {
  const { method, path, summary, description, tag, scope, query, params, body, rawBody, answer } = endpoint
  const bodies = body ? { 'application/json': body } : rawBody
  return {
    method,
    path,
    summary,
    ...(description !== undefined && { description }),
    tags: [tag],
    operationId: operationIdOf(endpoint),
    security: scope === null ? [] : [{ key: [scope] }],
    request: {
      ...(query && { query: query as z.ZodObject }),
      ...(params && { params: params as z.ZodObject }),
      ...(endpoint.repeats && { headers: idempotencyKeySchema }),
      ...(bodies && { body: { required: true, content: contentOf(bodies) } }),
    },
    responses: {
      [answer.status ?? 200]: { description: answer.description, content: answerContent(endpoint) },
      ...Object.fromEntries(
        Object.entries(answer.also ?? {}).map(([status, says]) => [
          status,
          { description: says, content: answerContent(endpoint) },
        ]),
      ),
      ...(scope !== null && {
        401: problem('Who asks is not known.'),
        403: problem('Who asks may not do this; the attempt is on record.'),
      }),
      default: problem('What went wrong, and what to do.'),
    },
  }
}

const contentOf = (schemas: Readonly<Record<string, z.ZodType>>) =>
  Object.fromEntries(Object.entries(schemas).map(([mediaType, schema]) => [mediaType, { schema }]))

const answerContent = ({ answer: { schema, mediaTypes = [] } }: Endpoint) =>
  schema
    ? { 'application/json': { schema } }
    : Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema: { type: 'string' as const } }]))

/** `GET /api/v1/audit/events` → `getAuditEvents`. */
function operationIdOf({ method, path }: Endpoint): string {
  const words = path.replace(/^\/api\/v1/, '').match(/\w+/g) ?? []
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}
