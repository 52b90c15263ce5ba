import { TrailError } from '@steptrail/event'

const name = 'idempotency-key'

/**
 * The header that holds a key. Throws `invalid_input` for a key that would not arrive as it is: the server would take it
 * for another, or the request could not be sent.
 */
export function idempotencyHeader({
  idempotencyKey: key,
}: {
  readonly idempotencyKey?: string | undefined
}): Readonly<Record<string, string>> {
  if (key === undefined) return {}
  if (arrives(key)) return { [name]: key }
  throw new TrailError(
    'invalid_input',
    `the idempotency key ${JSON.stringify(key)} cannot be sent as a header: give one of letters, digits and signs of ASCII, without space around it`,
    { details: { parameter: 'idempotencyKey' } },
  )
}

function arrives(key: string): boolean {
  try {
    return new Headers({ [name]: key }).get(name) === key
  } catch {
    return false
  }
}
