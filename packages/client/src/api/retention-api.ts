import type { z } from 'zod'
import type { Connection } from '../connection/connection.ts'
import {
  type Hold,
  holdIdSchema,
  holdListSchema,
  type NewHold,
  type NewRetentionPolicy,
  type RetentionPlan,
  retentionPlanSchema,
  type RetentionPolicy,
  retentionPolicyListSchema,
  retentionPolicySchema,
  type RetentionRun,
  retentionRunListSchema,
} from '../messages/index.ts'
import type { RepeatableRequestOptions, RequestOptions } from './request-options.ts'

/**
 * For how long what is kept, over HTTP. Each method rejects with a `TrailError` that has the code of the server's
 * problem.
 */
export class RetentionApi {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Every policy. What none matches is kept for 90 days. */
  async policies(options: RequestOptions = {}): Promise<readonly RetentionPolicy[]> {
    return (await this.#read('policies', retentionPolicyListSchema, options)).policies
  }

  /** Sets the policy for what it matches, in place of the one there was. */
  setPolicy(policy: NewRetentionPolicy, options: RepeatableRequestOptions = {}): Promise<RetentionPolicy> {
    return this.#order('policies', policy, { ...options, schema: retentionPolicySchema })
  }

  /** A dry run: what a run would let go of now. */
  plan(options: RequestOptions = {}): Promise<RetentionPlan> {
    return this.#read('plan', retentionPlanSchema, options)
  }

  /** The last runs, the latest first. */
  async runs(options: RequestOptions = {}): Promise<readonly RetentionRun[]> {
    return (await this.#read('runs', retentionRunListSchema, options)).runs
  }

  /** Every hold, the last one first; those that were released among them. */
  async holds(options: RequestOptions = {}): Promise<readonly Hold[]> {
    return (await this.#read('holds', holdListSchema, options)).holds
  }

  /** Orders that what matches is not deleted. Gives the hold's id. */
  async placeHold(hold: NewHold, options: RepeatableRequestOptions = {}): Promise<string> {
    return (await this.#order('holds', hold, { ...options, schema: holdIdSchema })).holdId
  }

  /** Releases a hold. */
  async releaseHold(holdId: string, reason: string, options: RepeatableRequestOptions = {}): Promise<void> {
    const path = `holds/${encodeURIComponent(holdId)}/release`
    await this.#order(path, { reason }, { ...options, schema: holdIdSchema })
  }

  #read<Schema extends z.ZodType>(
    what: string,
    schema: Schema,
    { signal }: RequestOptions,
  ): Promise<z.output<Schema>> {
    return this.#connection.json({ method: 'GET', path: `/api/v1/retention/${what}`, signal }, schema)
  }

  #order<Schema extends z.ZodType>(
    what: string,
    body: object,
    { schema, idempotencyKey, signal }: RepeatableRequestOptions & { readonly schema: Schema },
  ): Promise<z.output<Schema>> {
    const path = `/api/v1/retention/${what}`
    return this.#connection.json(
      { method: 'POST', path, body: JSON.stringify(body), idempotencyKey, signal },
      schema,
    )
  }
}
