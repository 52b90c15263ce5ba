import type { Database } from '@steptrail/core'
import { createWorker, type Dispatch, type Worker } from '@steptrail/workflow'
import { sendMail } from '../shop/mail.ts'
import { acceptOrder, withdrawOrder } from '../shop/orders.ts'
import { captureHold, holdAmount, refund, releaseHold } from '../shop/payments.ts'
import { bookPickup, callBack, cancelPickup, ship } from '../shop/shipping.ts'
import { giveBack, reserve, untilCounted } from '../shop/stock.ts'
import { fulfilOrder } from '../workflow.ts'

/** The services that perform the workflow, in the order in which an order meets them. */
export const services = [
  'order-service',
  'inventory-service',
  'payment-service',
  'shipping-service',
  'notification-service',
] as const

export type Service = (typeof services)[number]

/** Whether it is the name of one of the services. */
export const isService = (text: string | undefined): text is Service =>
  services.some((service) => service === text)

/** What every worker needs: where its work comes from, and where it is done. */
export interface Workplace {
  readonly dispatch: Dispatch
  readonly database: Database
}

/** Looks for work often: this is a demonstration. */
const pace = { pollMaxMs: 200 } as const

const orderWorker = ({ dispatch, database }: Workplace) =>
  createWorker(dispatch, { service: 'order-service', ...pace }).implement(fulfilOrder, {
    checkOrder: {
      do: ({ input: { order, items }, idempotencyKey: key }) => acceptOrder(database, { order, items, key }),
      undo: ({ idempotencyKey }) => withdrawOrder(database, idempotencyKey),
    },
  })

const inventoryWorker = ({ dispatch, database }: Workplace) =>
  createWorker(dispatch, { service: 'inventory-service', ...pace }).implement(fulfilOrder, {
    reserveStock: {
      do: async ({ input: { order, items }, idempotencyKey: key, signal }) => {
        await untilCounted(database, items, signal)
        await reserve(database, { order, items, key })
        return { reserved: items.reduce((sum, { quantity }) => sum + quantity, 0) }
      },
      undo: ({ idempotencyKey }) => giveBack(database, idempotencyKey),
    },
    wrapGift: { do: ({ outputs }) => ({ wrapped: outputs.reserveStock.reserved }) },
  })

const paymentWorker = ({ dispatch, database }: Workplace) =>
  createWorker(dispatch, { service: 'payment-service', ...pace }).implement(fulfilOrder, {
    authorisePayment: {
      do: async ({ input: { order, card }, outputs, idempotencyKey: key }) => {
        await holdAmount(database, { order, card, amountCents: outputs.checkOrder.totalCents, key })
        return { hold: key }
      },
      undo: ({ idempotencyKey }) => releaseHold(database, idempotencyKey),
    },
    capturePayment: {
      do: async ({ outputs, idempotencyKey: key }) => ({
        capturedCents: await captureHold(database, { hold: outputs.authorisePayment.hold, key }),
      }),
      undo: ({ idempotencyKey }) => refund(database, idempotencyKey),
    },
  })

const shippingWorker = ({ dispatch, database }: Workplace) =>
  createWorker(dispatch, { service: 'shipping-service', ...pace }).implement(fulfilOrder, {
    bookCarrier: {
      do: async ({ input: { order, carrier }, idempotencyKey: key }) => {
        await bookPickup(database, { order, carrier, key })
        return { bookedAs: key }
      },
      undo: ({ idempotencyKey }) => cancelPickup(database, idempotencyKey),
    },
    createShipment: {
      do: async ({ input: { order, carrier }, outputs, idempotencyKey: key }) => ({
        shipmentId: await ship(database, {
          order,
          carrier,
          key,
          weightGrams: outputs.checkOrder.weightGrams,
        }),
      }),
      undo: ({ idempotencyKey }) => callBack(database, idempotencyKey),
    },
  })

const notificationWorker = ({ dispatch, database }: Workplace) =>
  createWorker(dispatch, { service: 'notification-service', ...pace }).implement(fulfilOrder, {
    sendConfirmation: {
      do: async ({ input: { order, email }, idempotencyKey: key }) => {
        await sendMail(database, { order, recipient: email, key })
        return { sentTo: email }
      },
    },
  })

const workers: Readonly<Record<Service, (workplace: Workplace) => Worker<Service>>> = {
  'order-service': orderWorker,
  'inventory-service': inventoryWorker,
  'payment-service': paymentWorker,
  'shipping-service': shippingWorker,
  'notification-service': notificationWorker,
}

/** A worker of the service, not started. */
export const workerOf = (service: Service, workplace: Workplace): Worker<Service> =>
  workers[service](workplace)
