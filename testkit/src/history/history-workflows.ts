import { defineWorkflow, type WorkflowDefinition } from '@steptrail/workflow'
import { z } from 'zod'

const done = z.object({})
const step = (service: string) => ({ service, output: done })
const retry = { maxRetries: 2, backoff: { type: 'fixed', delayMs: 2_000 } } as const

/** A workflow of the history, and how its steps go. */
export interface HistoryWorkflow {
  readonly definition: WorkflowDefinition
  /** The part of the time, from 0 to 1, in which this version runs. */
  readonly from: number
  readonly until: number
  /** How long an attempt of its steps takes at first, in the middle. */
  readonly durationMs: Readonly<Record<string, number>>
  /** By how much of itself a duration grows until the end. */
  readonly drift: number
  /** How likely an attempt fails, outside bursts. */
  readonly failure: number
}

const provisioning = (version: string) =>
  defineWorkflow({
    name: 'tenant-provisioning',
    version,
    input: z.object({}),
    retry,
    steps: {
      createRealm: { ...step('realm-worker-service'), after: [] },
      createClient: step('client-worker-service'),
      ...(version === '1.1.0' && { warmCache: step('cache-service') }),
      createUser: { ...step('user-worker-service'), ...(version === '1.1.0' && { timeoutMs: 60_000 }) },
    },
  }).definition

const orders = defineWorkflow({
  name: 'order-fulfilment',
  version: '3.2.0',
  input: z.object({}),
  retry,
  steps: {
    reserveStock: { ...step('stock-service'), action: 'ReserveStock', after: [] },
    chargeCard: { ...step('payment-service'), action: 'ChargeCard', after: [] },
    ship: { ...step('shipping-service'), action: 'Ship', after: ['reserveStock', 'chargeCard'] },
  },
}).definition

const report = defineWorkflow({
  name: 'nightly-report',
  version: '1.0.0',
  input: z.object({}),
  retry: { maxRetries: 1, backoff: { type: 'fixed', delayMs: 30_000 } },
  steps: {
    collect: { ...step('report-service'), after: [] },
    send: { ...step('mail-service'), undo: 'none' },
  },
}).definition

/** What runs in a simulated history, and how. */
export const historyWorkflows: readonly HistoryWorkflow[] = [
  {
    definition: provisioning('1.0.0'),
    from: 0,
    until: 0.6,
    durationMs: { createRealm: 800, createClient: 400, createUser: 150 },
    drift: 0.2,
    failure: 0.04,
  },
  {
    definition: provisioning('1.1.0'),
    from: 0.6,
    until: 1,
    durationMs: { createRealm: 500, createClient: 350, warmCache: 90, createUser: 160 },
    drift: 0,
    failure: 0.1,
  },
  {
    definition: orders,
    from: 0,
    until: 1,
    durationMs: { reserveStock: 60, chargeCard: 900, ship: 2_500 },
    drift: 1.5,
    failure: 0.1,
  },
  {
    definition: report,
    from: 0,
    until: 1,
    durationMs: { collect: 45_000, send: 1_200 },
    drift: 0,
    failure: 0.08,
  },
]
