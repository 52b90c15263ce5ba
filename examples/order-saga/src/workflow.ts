import { defineWorkflow } from '@steptrail/workflow'
import { z } from 'zod'

/** What a customer orders. */
export const orderInput = z.object({
  order: z.string().min(1),
  items: z.array(z.object({ sku: z.string(), quantity: z.int().min(1) })).min(1),
  giftWrap: z.boolean(),
  card: z.string(),
  carrier: z.string(),
  email: z.string(),
})

/**
 * Fulfils an order over five services. Stock is reserved while the card is asked; only when both said yes is money
 * taken, and what was taken is given back when the goods cannot be sent. A carrier that is closed waits for a
 * person; a confirmation that cannot be sent is done without.
 */
export const fulfilOrder = defineWorkflow({
  name: 'order-fulfilment',
  version: '1.0.0',
  input: orderInput,
  retry: {
    maxRetries: 3,
    backoff: { type: 'exponential', initialMs: 200, factor: 2, maxMs: 2_000, jitter: 0.1 },
  },
  steps: {
    checkOrder: {
      service: 'order-service',
      output: z.object({ totalCents: z.int(), weightGrams: z.int() }),
      after: [],
    },
    reserveStock: {
      service: 'inventory-service',
      output: z.object({ reserved: z.int() }),
      after: ['checkOrder'],
    },
    authorisePayment: {
      service: 'payment-service',
      output: z.object({ hold: z.string() }),
      after: ['checkOrder'],
    },
    wrapGift: {
      service: 'inventory-service',
      output: z.object({ wrapped: z.int() }),
      after: ['reserveStock'],
      when: z.object({ input: z.object({ giftWrap: z.literal(true) }) }),
      undo: 'none',
    },
    capturePayment: {
      service: 'payment-service',
      output: z.object({ capturedCents: z.int() }),
      after: ['reserveStock', 'authorisePayment'],
    },
    bookCarrier: {
      service: 'shipping-service',
      output: z.object({ bookedAs: z.string() }),
      after: ['capturePayment'],
      onFailure: 'block',
    },
    createShipment: {
      service: 'shipping-service',
      output: z.object({ shipmentId: z.string() }),
      after: ['bookCarrier', 'wrapGift'],
    },
    sendConfirmation: {
      service: 'notification-service',
      output: z.object({ sentTo: z.string() }),
      after: ['createShipment'],
      onFailure: 'skip',
      undo: 'none',
    },
  },
})
