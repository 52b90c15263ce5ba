import { z } from 'zod'
import { named } from './named.ts'
import { numberParameter, textParameter } from './parameters.ts'

const origin = textParameter().describe('The name of a log; the one that grows unless given.')

/** Which log. */
export const logQuerySchema = z.strictObject({ origin })

/** Which log, and which size of it is known. */
export const consistencyQuerySchema = z.strictObject({
  origin,
  from: numberParameter(0, 999_999_999_999)
    .unwrap()
    .describe('Entries that the log had in the checkpoint that is known.'),
})

/** The proof that an event is in a log. */
export const inclusionSchema = named(
  'Inclusion',
  z.strictObject({
    event_id: z.string(),
    origin: z.string(),
    index: z.int(),
    sealed_at: z.string(),
    /** A C2SP tlog-proof, with the signed checkpoint that it leads to. */
    proof: z.string(),
  }),
)

/** The proof that a log grew from what it was. */
export const consistencySchema = named(
  'Consistency',
  z.strictObject({
    origin: z.string(),
    from: z.int(),
    size: z.int(),
    /** In base64, as RFC 6962 orders them. */
    hashes: z.array(z.string()),
    /** The signed checkpoint of `size` entries. */
    checkpoint: z.string(),
  }),
)

const logStandingSchema = z.strictObject({
  origin: z.string(),
  size: z.int(),
  signed_size: z.int(),
  signed_at: z.string().nullable(),
  begun_at: z.string(),
  ended_at: z.string().nullable(),
  /** As C2SP signed-note writes them, the last one first; the word of the database. */
  keys: z.array(z.string()),
})

/** How the logs stand. */
export const logStatusSchema = named(
  'LogStatus',
  z.strictObject({
    logs: z.array(logStandingSchema),
    /** Events that wait to be sealed, counted up to 10,000. */
    unsealed: z.int(),
    /** When the oldest of them was recorded; null when none waits. */
    oldest_unsealed_at: z.string().nullable(),
    /** What seals in the process that answers: `off` when another one is to. */
    sealer: z.strictObject({
      state: z.enum(['off', 'sealing', 'in trouble']),
      detail: z.string().nullable(),
    }),
    /** What verifying found when it last ran to its end; null where it never did. */
    last_verification: z
      .strictObject({
        at: z.string(),
        outcome: z.enum(['verified', 'defect']),
        defect: z.string().nullable(),
        details: z.record(z.string(), z.unknown()),
      })
      .nullable(),
  }),
)

/** See `inclusionSchema`. */
export type Inclusion = z.output<typeof inclusionSchema>
/** See `consistencySchema`. */
export type Consistency = z.output<typeof consistencySchema>
/** See `logStatusSchema`. */
export type LogStatusMessage = z.output<typeof logStatusSchema>
