import type { Scope } from '@steptrail/client/messages'
import type { Database } from '@steptrail/core'
import { z } from 'zod'
import type { Principal } from '../access/principal.ts'

/** A value as a handler may give it for a schema: nobody changes it any more. */
export type Sent<Value> = Value extends readonly (infer Element)[]
  ? readonly Sent<Element>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Sent<Value[Key]> }
    : Value

/** One request, checked. */
export interface Call<Query, Params, Body> {
  readonly query: Query
  readonly params: Params
  readonly body: Body
  readonly principal: Principal
  /** The database, or for what may lag its replica, as the principal may see it. */
  readonly reader: Database
  /** The database, for the one transaction in which an endpoint that `repeats` as `noted` changes something. */
  readonly writer: Pick<Database, 'transaction'>
  readonly request: Request
  readonly url: URL
  /** Throws when who asks may no longer, for what goes on after its answer has begun; see `Access.confirm`. */
  readonly confirm: () => Promise<void>
  /** Aborts when the caller hangs up. */
  readonly signal: AbortSignal
}

/** What an endpoint answers when all went well. */
export interface Answer<Schema extends z.ZodType> {
  /** 200 unless given. */
  readonly status?: 200 | 201 | 202
  readonly description: string
  /** Other statuses with the same JSON, and what they say. */
  readonly also?: Readonly<Record<number, string>>
  /** Of the JSON. An endpoint that answers with a `Response` of its own names its media types instead. */
  readonly schema?: Schema
  readonly mediaTypes?: readonly string[]
}

/** One operation of the API. */
export interface EndpointSpec<
  Query extends z.ZodType,
  Params extends z.ZodType,
  Body extends z.ZodType,
  Schema extends z.ZodType,
> {
  readonly method: 'get' | 'post' | 'delete'
  /** With parameters in braces, as OpenAPI has them. */
  readonly path: string
  /** Its last parameter is the rest of the path, with slashes. */
  readonly takesRest?: true
  readonly summary: string
  readonly description?: string
  readonly tag: string
  /** What a principal must be allowed to do; null for what is open to everybody. */
  readonly scope: Scope | null
  /** Whether it shows what is on record, so that by option this is on record, too. */
  readonly shows?: true
  /** Whether a replica may answer it, which may be behind what is on record. */
  readonly mayLag?: true
  /**
   * Whether it takes the header Idempotency-Key: `noted` changes something in one transaction of its `writer`, and answers
   * by what that gives; `handled` sees to it by itself.
   * What takes none may be repeated as it is, or can be carried out once only.
   */
  readonly repeats?: 'noted' | 'handled'
  readonly query?: Query
  readonly params?: Params
  /** Parsed as JSON and checked. */
  readonly body?: Body
  /** Whether its handler says itself what of the body is nested too deep. */
  readonly takesDeep?: true
  /** Media types of a body that the handler reads by itself, with a schema for their description. */
  readonly rawBody?: Readonly<Record<string, z.ZodType>>
  readonly answer: Answer<Schema>
  readonly handle: (
    call: Call<z.output<Query>, z.output<Params>, z.output<Body>>,
  ) => Promise<Sent<z.output<Schema>> | Response> | Sent<z.output<Schema>> | Response
}

/** An endpoint whose own types are settled. */
export type Endpoint = EndpointSpec<z.ZodType, z.ZodType, z.ZodType, z.ZodType>

/** Checks an endpoint's handler against its schemas. */
export const defineEndpoint = <
  Query extends z.ZodType = z.ZodObject<{}, z.core.$strict>,
  Params extends z.ZodType = z.ZodObject<{}, z.core.$strict>,
  Body extends z.ZodType = z.ZodUndefined,
  Schema extends z.ZodType = z.ZodType,
>(
  spec: EndpointSpec<Query, Params, Body, Schema>,
): Endpoint => spec

/** What an endpoint without parameters takes. */
export const nothing = z.strictObject({})

/** The path as Hono has it: `/a/{b}` is `/a/:b`. */
export function routeOf({ path, takesRest }: Endpoint): string {
  const route = path.replaceAll(/\{(\w+)\}/g, ':$1')
  return takesRest ? `${route}{.+}` : route
}
