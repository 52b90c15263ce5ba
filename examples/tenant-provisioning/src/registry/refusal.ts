/** SQLSTATEs that a person can make something of. */
const uniqueViolation = '23505'
const lockNotAvailable = '55P03'

/** What the database refused, with its SQLSTATE, and a reason in words a person can use. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: string
  readonly reason: string

  constructor(message: string, { code, reason, cause }: { code: string; reason: string; cause: unknown }) {
    super(message, { cause })
    this.code = code
    this.reason = reason
  }
}

/** What to say when something is taken, or locked. */
export interface RefusalReasons {
  readonly taken: string
  readonly locked: string
}

/** Awaits the work; what the database refuses as taken or as locked is thrown as a `Refusal`. */
export async function explained<T>(work: Promise<T>, reasons: RefusalReasons): Promise<T> {
  try {
    return await work
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    const { message } = error instanceof Error ? error : { message: String(error) }
    if (code === uniqueViolation) throw new Refusal(message, { code, reason: reasons.taken, cause: error })
    if (code === lockNotAvailable) throw new Refusal(message, { code, reason: reasons.locked, cause: error })
    throw error
  }
}
