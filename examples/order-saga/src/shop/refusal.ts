import { FatalError } from '@steptrail/workflow'

/** By constraint: what its violation means, in words a person can use. */
export type Meanings = Readonly<Record<string, string>>

/**
 * Awaits the work. What one of these constraints refuses is a fatal error: the same attempt would be refused again.
 * Anything else, such as a lost connection, is thrown as it is, and may be tried again.
 */
export async function refusedFor<T>(work: Promise<T>, meanings: Meanings): Promise<T> {
  try {
    return await work
  } catch (error) {
    const constraint = error instanceof Error && 'constraint' in error ? String(error.constraint) : ''
    const reason = meanings[constraint]
    if (reason === undefined) throw error
    throw new FatalError(`refused by the constraint "${constraint}"`, {
      code: 'refused',
      reason,
      cause: error,
    })
  }
}
