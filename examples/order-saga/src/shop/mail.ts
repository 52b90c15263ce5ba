import type { Database } from '@steptrail/core'
import { refusedFor } from './refusal.ts'

/** Sends the confirmation, once for the key. Fatal when there can be no such address. */
export async function sendMail(
  database: Database,
  { order, recipient, key }: { readonly order: string; readonly recipient: string; readonly key: string },
): Promise<void> {
  const sending = database.query(
    'insert into shop.mail (sent_by, order_id, recipient) values ($1, $2, $3) on conflict (sent_by) do nothing',
    [key, order, recipient],
  )
  await refusedFor(sending, { 'mail goes to a domain that can exist': 'there can be no such address' })
}
