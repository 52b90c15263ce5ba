/** What an error says, as a workflow tells of it. */
export interface ToldError {
  readonly message: string
  /** The type of an application's failure. */
  readonly code?: string
}

/**
 * What was thrown, in words; never throws. It runs in the sandbox of a workflow, where what an interceptor threw would
 * take the place of what the application did.
 */
export function toldError(thrown: unknown): ToldError {
  try {
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    const type = typeof thrown === 'object' && thrown !== null && 'type' in thrown ? thrown.type : undefined
    return { message, ...(typeof type === 'string' && type !== '' && { code: type }) }
  } catch {
    // It lets nobody read it, which is all that there is to say of it.
    return { message: 'what was thrown cannot be read' }
  }
}
