import type { Database } from '@steptrail/core'

/** What the shop's tables hold of one order, its card and its article. */
export interface Traces {
  readonly orderStatus: string
  readonly inStock: number
  readonly reserved: number
  readonly held: number
  readonly ledgerEntries: number
  readonly ledgerCents: number
  readonly chargedCents: number
  readonly pickups: number
  readonly shipments: number
  readonly mails: number
}

/** Looks it all up. */
export async function tracesOf(
  database: Database,
  { order, sku, card }: { readonly order: string; readonly sku: string; readonly card: string },
): Promise<Traces> {
  const { rows } = await database.query<Traces>(
    `select
        (select status from shop.customer_order where order_id = $1) as "orderStatus",
        (select in_stock from shop.article where sku = $2) as "inStock",
        (select coalesce(sum(quantity), 0)::bigint from shop.reservation where order_id = $1) as reserved,
        (select held_cents from shop.card where card = $3) as held,
        (select count(*) from shop.ledger where order_id = $1) as "ledgerEntries",
        (select coalesce(sum(amount_cents), 0)::bigint from shop.ledger where order_id = $1) as "ledgerCents",
        (select charged_cents from shop.card where card = $3) as "chargedCents",
        (select count(*) from shop.pickup where order_id = $1) as pickups,
        (select count(*) from shop.shipment where order_id = $1) as shipments,
        (select count(*) from shop.mail where order_id = $1) as mails`,
    [order, sku, card],
  )
  const [traces] = rows
  if (!traces) throw new Error('looking up gave no row')
  return traces
}
