import { eventLimits } from '@steptrail/event'
import { z } from 'zod'
import { actorSchema } from './execution.ts'
import { named } from './named.ts'

const name = z.string().min(1).max(eventLimits.nameLength)

/** What is to be erased, and why. Who orders it is who asks. */
export const erasureOrderSchema = named(
  'ErasureOrder',
  z.strictObject({
    match: z.union([
      z.strictObject({ executionId: name }),
      z.strictObject({ correlationId: name }),
      z.strictObject({ subject: actorSchema }),
      z.strictObject({ eventIds: z.array(z.guid()).min(1).max(1000) }),
    ]),
    reason: z.string().min(1),
    approvedBy: actorSchema.optional().describe('The second person who agreed.'),
  }),
)

/** What was erased, by whom and why, with the proof that the erasure is in the log. */
export const erasureCertificateSchema = named(
  'ErasureCertificate',
  z.strictObject({
    /** The event TRAIL_ERASED. */
    erasureId: z.string(),
    erasedAt: z.string(),
    actor: actorSchema,
    approvedBy: actorSchema.nullable(),
    reason: z.string(),
    events: z.int(),
    digest: z.string(),
    executions: z.array(z.string()),
    transitions: z.int(),
    steps: z.int(),
    /** What the database still may have, and what is beyond its reach. */
    notReached: z.array(z.string()),
    /** A C2SP tlog-proof of the erasure. */
    proof: z.string(),
  }),
)

/** See `erasureOrderSchema`. */
export type ErasureOrder = z.input<typeof erasureOrderSchema>
/** See `erasureCertificateSchema`. */
export type ErasureCertificate = z.output<typeof erasureCertificateSchema>
