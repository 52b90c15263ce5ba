import type { ErrorCodeEntry } from './error-code-entry.ts'

/** The errors of the server, and of those who use it. */
export const serverErrorCodes = {
  unauthenticated: {
    title: 'Unauthenticated',
    meaning:
      'The server wants to know who asks, and the request has no key or token, or one that does not count.',
    action: 'Send `Authorization: Bearer` with a key of `steptrail keys create` or a token of the issuer.',
  },
  access_denied: {
    title: 'Access denied',
    meaning: 'Who asks may not do this. The attempt is on record.',
    action: 'Use a key that has the scope which the message names.',
  },
  key_not_found: {
    title: 'Key not found',
    meaning: 'There is no such key.',
    action: 'Check the id; `steptrail keys list` shows those there are.',
  },
  route_not_found: {
    title: 'Route not found',
    meaning: 'The server has nothing under this path.',
    action: 'Check path and method; `/docs` shows what there is.',
  },
  method_not_allowed: {
    title: 'Method not allowed',
    meaning: 'The path is there, and takes other methods than this one.',
    action: 'Use one of those in the header `allow`; `/docs` shows what each does.',
  },
  unsupported_media_type: {
    title: 'Unsupported media type',
    meaning: 'The body of a request is in a form that the server does not take there.',
    action: 'Send what `/docs` names for it, mostly `Content-Type: application/json`.',
  },
  request_timeout: {
    title: 'Request timeout',
    meaning: 'The request, or what it asked for, took longer than the server allows.',
    action: 'Ask for less at once: a shorter time, more filters, a smaller batch.',
  },
  rate_limited: {
    title: 'Rate limited',
    meaning: 'More requests came with one key, or from one address, than the server takes.',
    action: 'Wait as long as `Retry-After` says, and send more events in one request.',
  },
  idempotency_conflict: {
    title: 'Idempotency conflict',
    meaning: 'An `Idempotency-Key` was used before, for another request.',
    action: 'Give each request a key of its own; repeat a key only with the same request.',
  },
  server_busy: {
    title: 'Server busy',
    meaning:
      'The server has as many streams or waiting requests as it takes, carries out a request with the same ' +
      '`Idempotency-Key` just now, or is shutting down.',
    action: 'Try again after as long as `Retry-After` says.',
  },
  server_unreachable: {
    title: 'Server unreachable',
    meaning: 'The Steptrail server did not answer, or not as one does.',
    action: 'Check the URL, and that the server runs.',
  },
  stream_unreachable: {
    title: 'Stream unreachable',
    meaning: 'No node of NATS answered, or none has a JetStream stream that takes or gives what was asked.',
    action: 'Check the URLs, that JetStream is on, and that an ingester has run: it makes the stream.',
  },
  address_refused: {
    title: 'Address refused',
    meaning: 'Without authentication the server is for this machine alone.',
    action: 'Create a key with `steptrail keys create`, or use a loopback address.',
  },
  address_unavailable: {
    title: 'Address unavailable',
    meaning: 'The system does not let the server listen at that address and port.',
    action: 'Choose another with `--host` and `--port`, or stop what listens there.',
  },
  fault: {
    title: 'Fault',
    meaning: 'Something went wrong in the server that should not.',
    action: 'Report it with the `request_id` of the answer, which is in the log of the server.',
  },
} as const satisfies Readonly<Record<string, ErrorCodeEntry>>
