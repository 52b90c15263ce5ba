import type { Database } from '@steptrail/core'

/** What an order finds: its article, its card, its carrier. */
export interface Scene {
  readonly sku: string
  readonly inStock: number
  readonly priceCents: number
  readonly weightGrams: number
  readonly card: string
  readonly limitCents: number
  readonly carrier: string
}

/** Puts the article on the shelf, and opens the card's account and the carrier's. */
export async function setScene(database: Database, scene: Scene): Promise<void> {
  const { sku, inStock, priceCents, weightGrams, card, limitCents, carrier } = scene
  await database.query(
    `insert into shop.article (sku, price_cents, weight_grams, in_stock) values ($1, $2, $3, $4)`,
    [sku, priceCents, weightGrams, inStock],
  )
  await database.query('insert into shop.card (card, limit_cents) values ($1, $2)', [card, limitCents])
  await database.query('insert into shop.carrier (carrier) values ($1)', [carrier])
}

/** Closes the carrier, and nobody knows until when. */
export async function closeCarrier(database: Database, carrier: string, because: string): Promise<void> {
  await database.query('update shop.carrier set closed_because = $2 where carrier = $1', [carrier, because])
}

/** Opens it again. */
export async function openCarrier(database: Database, carrier: string): Promise<void> {
  await database.query('update shop.carrier set closed_because = null where carrier = $1', [carrier])
}

/** Has the carrier refuse bookings for so many milliseconds, and say so. */
export async function occupyCarrier(database: Database, carrier: string, forMs: number): Promise<void> {
  await database.query(
    `update shop.carrier set busy_until = clock_timestamp() + $2 * interval '1 millisecond' where carrier = $1`,
    [carrier, forMs],
  )
}

/** The card's bank takes requests, and answers none until `answer`. */
export async function hesitate(database: Database, card: string): Promise<void> {
  await database.query('update shop.card set bank_answers = false where card = $1', [card])
}

/** The card's bank answers what it was asked. */
export async function answer(database: Database, card: string): Promise<void> {
  await database.query('update shop.card set bank_answers = true where card = $1', [card])
}

/** Begins to count the article: nothing is reserved of it meanwhile. */
export async function beginCount(database: Database, sku: string): Promise<void> {
  await database.query('update shop.article set is_being_counted = true where sku = $1', [sku])
}

/** Ends the count, with what was found. */
export async function endCount(database: Database, sku: string, found: number): Promise<void> {
  await database.query('update shop.article set is_being_counted = false, in_stock = $2 where sku = $1', [
    sku,
    found,
  ])
}
