import { JetStreamApiError } from '@nats-io/jetstream'
import { errors } from '@nats-io/transport-node'
import { TrailError } from '@steptrail/event'

/** The error for a cluster, or a stream of it, that does not take or give what it is asked for. */
export const unreachable = (message: string, cause?: unknown): TrailError =>
  new TrailError('stream_unreachable', message, { ...(cause !== undefined && { cause }) })

/** What an error says. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The error for nodes to which no connection could be made: why not, and what to do where that is known. */
export function unconnected(hosts: string, error: unknown): TrailError {
  const [what, advice] = connecting(error)
  return unreachable(`${what} at ${hosts}: ${messageOf(error)}${advice}`, error)
}

function connecting(error: unknown): readonly [string, string] {
  if (error instanceof errors.AuthorizationError)
    return [
      'NATS does not let this client in',
      ': give the user and password, the token, the key or the credentials that it knows',
    ]
  if (error instanceof errors.UserAuthenticationExpiredError)
    return ['NATS does not let this client in', ': renew its credentials']
  const code = codeIn(error)
  if (code === 'CERT_HAS_EXPIRED')
    return [
      'the certificate of NATS is not accepted',
      ': renew it on the node, or set the clock of this machine',
    ]
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return [
      'the certificate of NATS is not accepted',
      ': name the node by a host name that its certificate has, and not by its address',
    ]
  if (unverified.test(code))
    return [
      'the certificate of NATS is not accepted',
      ': name the file of the authority that has signed it (`NATS_CA`, or `tls.caFile` of `connection`)',
    ]
  if (error instanceof errors.TimeoutError)
    return [
      'no node of NATS answers',
      ': it may be overloaded; where it asks for a certificate of its clients, it may have refused that of this one, ' +
        'which its log says then',
    ]
  return ['no node of NATS answers', '']
}

const unverified = /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_)/

/** What Node calls it, in whatever the client has put it. */
function codeIn(error: unknown): string {
  if (!(error instanceof Error)) return ''
  return 'code' in error && typeof error.code === 'string' ? error.code : codeIn(error.cause)
}

/** An error of NATS, or of its client, as one of ours, which says what to do where that is known; one of ours as it is. */
export function natsTrouble(error: unknown): TrailError {
  if (error instanceof TrailError) return error
  const refusal = refusalIn(error)
  if (refusal) return unreachable(`NATS does not allow this user to ${whatOf(refusal)}: permit it`, error)
  if (error instanceof errors.TimeoutError)
    return unreachable(
      'JetStream has not answered in time: see that the nodes run and can be reached, and that their cluster has a leader',
      error,
    )
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
