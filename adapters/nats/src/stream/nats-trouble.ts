import { JetStreamApiError } from '@nats-io/jetstream'
import { errors } from '@nats-io/transport-node'
import { TrailError } from '@steptrail/event'

/** The error for a cluster, or a stream of it, that does not take or give what it is asked for. */
export const unreachable = (message: string, cause?: unknown): TrailError =>
  new TrailError('stream_unreachable', message, { ...(cause !== undefined && { cause }) })

/** What an error says. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** An error of NATS, or of its client, as one of ours, which says what to do where that is known; one of ours as it is. */
export function natsTrouble(error: unknown): TrailError {
  if (error instanceof TrailError) return error
  const refusal = refusalIn(error)
  if (refusal) return unreachable(`NATS does not allow this user to ${whatOf(refusal)}: permit it`, error)
  const said = messageOf(error)
  return unreachable(
    error instanceof JetStreamApiError ? `JetStream refuses: ${said}` : `NATS: ${said}`,
    error,
  )
}

type Refusal = InstanceType<typeof errors.PermissionViolationError>

function refusalIn(error: unknown): Refusal | null {
  if (error instanceof errors.PermissionViolationError) return error
  return error instanceof Error && error.cause !== undefined ? refusalIn(error.cause) : null
}

/** Inboxes and acknowledgements have a subject each, which says nothing to who gives permissions. */
function whatOf({ operation, subject }: Refusal): string {
  const wide = subject.replace(/^(_INBOX|\$JS\.ACK)\..*$/, '$1.>')
  return `${operation === 'publish' ? 'publish at' : 'subscribe to'} ${wide}`
}
