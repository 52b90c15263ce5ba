import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '@steptrail/core'
import type { OrderItem } from './orders.ts'
import { refusedFor } from './refusal.ts'

/** Takes the items out of stock, all or none, and once for the key. Fatal when there are not enough. */
export async function reserve(
  database: Database,
  {
    order,
    items,
    key,
  }: { readonly order: string; readonly items: readonly OrderItem[]; readonly key: string },
): Promise<void> {
  const reserving = database.query(
    `with reserved as (
        insert into shop.reservation (reserved_by, order_id, sku, quantity)
        select $1, $2, sku, quantity
        from json_to_recordset($3::text::json) as item (sku text, quantity bigint)
        on conflict (reserved_by, sku) do nothing
        returning sku, quantity
      )
      update shop.article
      set in_stock = in_stock - quantity
      from reserved
      where article.sku = reserved.sku`,
    [key, order, JSON.stringify(items)],
  )
  await refusedFor(reserving, { 'stock never falls below zero': 'not enough in stock' })
}

/** Waits until none of the items is being counted any more; rejects when the signal aborts. */
export async function untilCounted(
  database: Database,
  items: readonly OrderItem[],
  signal: AbortSignal,
): Promise<void> {
  const text = 'select from shop.article where sku = any($1::text[]) and is_being_counted'
  while ((await database.query(text, [items.map(({ sku }) => sku)])).rowCount !== 0) {
    await pause(lookAgainMs, undefined, { signal })
  }
}

/** Puts back what was reserved with the key, if anything was. */
export async function giveBack(database: Database, key: string): Promise<void> {
  await database.query(
    `with given_back as (
        delete from shop.reservation where reserved_by = $1
        returning sku, quantity
      )
      update shop.article
      set in_stock = in_stock + quantity
      from given_back
      where article.sku = given_back.sku`,
    [key],
  )
}

const lookAgainMs = 20
