import { TrailError } from '@steptrail/event'
import type { Access } from './access.ts'

/** Whether only this machine can reach what listens there. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)

/** Throws `address_refused` for an address that others reach while nobody is asked who they are. */
export async function requireSafeAddress(access: Access, host: string): Promise<void> {
  if (isLoopback(host) || (await access.isAuthenticating())) return
  throw new TrailError(
    'address_refused',
    `the server does not listen on ${host} without authentication: create a key first with \`steptrail keys create\`, configure an issuer of tokens, or listen on 127.0.0.1`,
    { details: { host } },
  )
}
