import type { Database } from '@steptrail/core'
import { FatalError } from '@steptrail/workflow'

/** An article and how many of it. */
export interface OrderItem {
  readonly sku: string
  readonly quantity: number
}

interface Totals {
  readonly known: number
  readonly totalCents: number
  readonly weightGrams: number
}

/** Accepts the order, with its total and weight by the catalogue. Fatal when an article is not in it. */
export async function acceptOrder(
  database: Database,
  {
    order,
    items,
    key,
  }: { readonly order: string; readonly items: readonly OrderItem[]; readonly key: string },
): Promise<{ readonly totalCents: number; readonly weightGrams: number }> {
  const { rows } = await database.query<Totals>(
    `select
        count(article.sku) as known,
        coalesce(sum(price_cents * quantity), 0)::bigint as "totalCents",
        coalesce(sum(weight_grams * quantity), 0)::bigint as "weightGrams"
      from json_to_recordset($1::text::json) as item (sku text, quantity bigint)
      left join shop.article using (sku)`,
    [JSON.stringify(items)],
  )
  const { known = 0, totalCents = 0, weightGrams = 0 } = rows[0] ?? {}
  if (known < items.length)
    throw new FatalError(`order ${order} names an article that is not in the catalogue`, {
      code: 'unknown_article',
    })
  await database.query(
    `insert into shop.customer_order (order_id, checked_by, total_cents, status)
      values ($1, $2, $3, 'accepted')
      on conflict (checked_by) do nothing`,
    [order, key, totalCents],
  )
  return { totalCents, weightGrams }
}

/** Marks the order as withdrawn. */
export async function withdrawOrder(database: Database, key: string): Promise<void> {
  await database.query(`update shop.customer_order set status = 'withdrawn' where checked_by = $1`, [key])
}
