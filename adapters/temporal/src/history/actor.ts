import { actorProblem, reasonProblem } from '@steptrail/event'
import type { Actor } from '@steptrail/event'
import { askedField } from './asked-field.ts'
import type { Payload } from './event-attributes.ts'
import { jsonOfPayload } from './payload.ts'

/** Who asked for something, and why. */
export interface Asked {
  readonly actor: Actor | null
  readonly reason: string | null
}

/** Who is named in a header; else the process whose client asked, as far as it names itself. */
export function askedInHeader(
  header: { readonly fields?: Readonly<Record<string, Payload>> | null | undefined } | null | undefined,
  identity: string | undefined,
): Asked {
  return askedIn(jsonOfPayload(header?.fields?.[askedField])) ?? byIdentity(identity)
}

/** The same of the details of a termination. */
export function askedInDetails(payloads: readonly Payload[], identity: string | undefined): Asked {
  for (const payload of payloads) {
    const value = jsonOfPayload(payload)
    if (typeof value !== 'object' || value === null || !(askedField in value)) continue
    const asked = askedIn(value[askedField])
    if (asked) return asked
  }
  return byIdentity(identity)
}

/** The same of the text of a header, as an interceptor in a workflow has it. */
export function askedInText(text: string | null): Asked {
  const [encoding, data] = ['json/plain', text ?? ''].map((each) =>
    Buffer.from(each, 'utf8').toString('base64'),
  )
  return askedInHeader(
    { fields: { [askedField]: { metadata: { encoding: encoding ?? '' }, data } } },
    undefined,
  )
}

/** What the trail would refuse is as if it had not been named. */
function askedIn(value: unknown): Asked | null {
  if (typeof value !== 'object' || value === null || !('actor' in value)) return null
  const { actor, reason } = value as { readonly actor: unknown; readonly reason?: unknown }
  if (actorProblem(actor) !== null) return null
  const { type, id } = actor as Actor
  return { actor: { type, id }, reason: reasonProblem(reason) === null ? (reason as string) : null }
}

/** A client is known by its identity, which is that of its process unless the application gives another. */
const byIdentity = (identity: string | undefined): Asked => {
  const actor: Actor = { type: 'service', id: identity ?? '' }
  return { actor: actorProblem(actor) === null ? actor : null, reason: null }
}
