import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '@steptrail/core'
import { FatalError } from '@steptrail/workflow'
import { refusedFor } from './refusal.ts'

/** What is to be held on which card. */
export interface Holding {
  readonly order: string
  readonly card: string
  readonly amountCents: number
  readonly key: string
}

/**
 * Waits for the bank's answer, which is to hold the amount on the card, once for the key. Fatal when the card's
 * limit does not allow it. A bank that was asked cannot be told to forget it, so this waits for the answer even
 * when nobody needs it any more; after 20 s without one it throws, and may be tried again.
 */
export async function holdAmount(database: Database, holding: Holding): Promise<void> {
  const { order, card, amountCents, key } = holding
  for (let waitedMs = 0; !(await bankAnswers(database, card)); waitedMs += askAgainMs) {
    if (waitedMs >= patienceMs) throw new Error(`the bank of ${card} gave no answer within ${patienceMs} ms`)
    await pause(askAgainMs)
  }
  const granted = database.query(
    `with held as (
        insert into shop.hold (held_by, order_id, card, amount_cents)
        values ($1, $2, $3, $4)
        on conflict (held_by) do nothing
        returning card, amount_cents
      )
      update shop.card
      set held_cents = held_cents + amount_cents
      from held
      where card.card = held.card`,
    [key, order, card, amountCents],
  )
  await refusedFor(granted, { 'a card carries no more than its limit': 'the card is over its limit' })
}

/** Releases what was held with the key, if anything still is. */
export async function releaseHold(database: Database, key: string): Promise<void> {
  await database.query(
    `with released as (
        delete from shop.hold where held_by = $1
        returning card, amount_cents
      )
      update shop.card
      set held_cents = held_cents - amount_cents
      from released
      where card.card = released.card`,
    [key],
  )
}

/** Takes what is held, and books it, once for the key. Fatal when nothing is held any more. */
export async function captureHold(
  database: Database,
  { hold, key }: { readonly hold: string; readonly key: string },
): Promise<number> {
  return await database.transaction(async (query) => {
    await query(
      `with taken as (
          delete from shop.hold where held_by = $1
          returning order_id, card, amount_cents
        ), booked as (
          insert into shop.ledger (entry_key, order_id, card, amount_cents)
          select $2, order_id, card, amount_cents from taken
          returning card, amount_cents
        )
        update shop.card
        set held_cents = held_cents - amount_cents, charged_cents = charged_cents + amount_cents
        from booked
        where card.card = booked.card`,
      [hold, key],
    )
    const { rows } = await query<{ readonly amount_cents: number }>(
      'select amount_cents from shop.ledger where entry_key = $1',
      [key],
    )
    const [entry] = rows
    if (!entry) throw new FatalError('nothing is held that could be captured', { code: 'nothing_held' })
    return entry.amount_cents
  })
}

/** Books back what was captured with the key, once: a second entry, for the ledger forgets nothing. */
export async function refund(database: Database, key: string): Promise<void> {
  await database.query(
    `with refunded as (
        insert into shop.ledger (entry_key, order_id, card, amount_cents)
        select entry_key || ':refund', order_id, card, -amount_cents
        from shop.ledger where entry_key = $1
        on conflict (entry_key) do nothing
        returning card, amount_cents
      )
      update shop.card
      set charged_cents = charged_cents + amount_cents
      from refunded
      where card.card = refunded.card`,
    [key],
  )
}

const askAgainMs = 20
const patienceMs = 20_000

async function bankAnswers(database: Database, card: string): Promise<boolean> {
  const { rowCount } = await database.query('select from shop.card where card = $1 and bank_answers', [card])
  return rowCount === 1
}
