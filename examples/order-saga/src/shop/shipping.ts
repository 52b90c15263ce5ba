import type { Database } from '@steptrail/core'
import { FatalError, RetryableError } from '@steptrail/workflow'
import { refusedFor } from './refusal.ts'

/** An order and who is to carry it. */
export interface Carriage {
  readonly order: string
  readonly carrier: string
  readonly key: string
}

interface CarrierState {
  readonly closed_because: string | null
  readonly busy_for_ms: number
}

/**
 * Books a pick-up, once for the key. A carrier that is busy says until when: tried again then. One that is closed
 * does not say when it opens, so no retry helps: fatal.
 */
export async function bookPickup(database: Database, { order, carrier, key }: Carriage): Promise<void> {
  const { rows } = await database.query<CarrierState>(
    `select
        closed_because,
        greatest(0, coalesce(ceil(extract(epoch from busy_until - clock_timestamp()) * 1000), 0))::bigint as busy_for_ms
      from shop.carrier where carrier = $1`,
    [carrier],
  )
  const [state] = rows
  if (!state) throw new FatalError(`there is no carrier ${carrier}`, { code: 'unknown_carrier' })
  if (state.closed_because !== null)
    throw new FatalError(`${carrier} takes no bookings: ${state.closed_because}`, {
      code: 'carrier_closed',
      reason: `the carrier is closed: ${state.closed_because}`,
    })
  if (state.busy_for_ms > 0)
    throw new RetryableError(`${carrier} is busy for ${state.busy_for_ms} ms`, {
      code: 'carrier_busy',
      reason: 'the carrier is busy and has said until when',
      retryAfterMs: state.busy_for_ms,
    })
  await database.query(
    'insert into shop.pickup (booked_by, order_id, carrier) values ($1, $2, $3) on conflict (booked_by) do nothing',
    [key, order, carrier],
  )
}

/** Cancels the pick-up that was booked with the key, if one was. */
export async function cancelPickup(database: Database, key: string): Promise<void> {
  await database.query('delete from shop.pickup where booked_by = $1', [key])
}

/** Hands the parcel over, once for the key. Fatal when it is too heavy for a carrier. */
export async function ship(
  database: Database,
  { order, carrier, key, weightGrams }: Carriage & { readonly weightGrams: number },
): Promise<string> {
  const creating = database.query(
    `insert into shop.shipment (created_by, order_id, carrier, weight_grams)
      values ($1, $2, $3, $4)
      on conflict (created_by) do nothing`,
    [key, order, carrier, weightGrams],
  )
  await refusedFor(creating, { 'a carrier takes up to 30 kg': 'the parcel is too heavy for the carrier' })
  const { rows } = await database.query<{ readonly shipment_id: string }>(
    'select shipment_id from shop.shipment where created_by = $1',
    [key],
  )
  const [shipment] = rows
  if (!shipment) throw new Error(`the shipment of ${order} was created and is not there`)
  return shipment.shipment_id
}

/** Calls back the parcel that was handed over with the key, if one was. */
export async function callBack(database: Database, key: string): Promise<void> {
  await database.query('delete from shop.shipment where created_by = $1', [key])
}
