import type { Database } from '@steptrail/core'

/**
 * Creates the shop's tables, unless they are there. What must not happen is refused by their constraints: stock
 * below zero, a card over its limit, a payment booked twice, a parcel that no carrier takes.
 */
export async function createShop(database: Database): Promise<void> {
  await database.transaction(async (query) => {
    for (const statement of statements) await query(statement)
  })
}

const statements: readonly string[] = [
  'create schema if not exists shop',
  'create sequence if not exists shop.run_number',
  `create table if not exists shop.article (
    sku text primary key,
    price_cents bigint not null,
    weight_grams bigint not null,
    is_being_counted boolean not null default false,
    in_stock bigint not null constraint "stock never falls below zero" check (in_stock >= 0)
  )`,
  `create table if not exists shop.customer_order (
    order_id text primary key,
    checked_by text not null constraint "an order is accepted once" unique,
    total_cents bigint not null,
    status text not null constraint "there is such a status" check (status in ('accepted', 'withdrawn'))
  )`,
  `create table if not exists shop.reservation (
    reserved_by text not null,
    order_id text not null,
    sku text not null references shop.article (sku),
    quantity bigint not null,
    constraint "an article is reserved once for an order" primary key (reserved_by, sku)
  )`,
  `create table if not exists shop.card (
    card text primary key,
    limit_cents bigint not null,
    held_cents bigint not null default 0,
    charged_cents bigint not null default 0,
    bank_answers boolean not null default true,
    constraint "a card carries no more than its limit" check (held_cents + charged_cents <= limit_cents)
  )`,
  `create table if not exists shop.hold (
    held_by text constraint "an amount is held once" primary key,
    order_id text not null,
    card text not null references shop.card (card),
    amount_cents bigint not null
  )`,
  `create table if not exists shop.ledger (
    entry_key text constraint "a payment is booked once" primary key,
    order_id text not null,
    card text not null references shop.card (card),
    amount_cents bigint not null,
    booked_at timestamptz not null default clock_timestamp()
  )`,
  `create table if not exists shop.carrier (
    carrier text primary key,
    closed_because text,
    busy_until timestamptz
  )`,
  `create table if not exists shop.pickup (
    booked_by text constraint "a pick-up is booked once" primary key,
    order_id text not null,
    carrier text not null references shop.carrier (carrier)
  )`,
  `create table if not exists shop.shipment (
    created_by text constraint "a shipment is created once" primary key,
    shipment_id uuid not null default gen_random_uuid(),
    order_id text not null,
    carrier text not null references shop.carrier (carrier),
    weight_grams bigint not null constraint "a carrier takes up to 30 kg" check (weight_grams <= 30000)
  )`,
  `create table if not exists shop.mail (
    sent_by text constraint "a confirmation is sent once" primary key,
    order_id text not null,
    recipient text not null constraint "mail goes to a domain that can exist" check (recipient not like '%.invalid')
  )`,
]
