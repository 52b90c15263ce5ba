import { eventLimits, TrailError } from '@steptrail/event'
import { z } from 'zod'

/** The header, as it is described. */
export const idempotencyKeySchema = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(eventLimits.nameLength)
    .optional()
    .describe('The same for a request that is sent again, within a day, so that it is carried out once.'),
})

/** The header of a request that may be repeated. Throws `invalid_input` for one that cannot be kept. */
export function idempotencyKeyOf(request: Request): { readonly idempotencyKey?: string } {
  const key = request.headers.get('idempotency-key')
  if (key === null) return {}
  if (key.length >= 1 && key.length <= eventLimits.nameLength) return { idempotencyKey: key }
  throw new TrailError(
    'invalid_input',
    `the header Idempotency-Key has ${key.length} characters: give 1 to ${eventLimits.nameLength}`,
    { details: { parameter: 'Idempotency-Key' } },
  )
}
