/** What an error says. It may be anything, and may not let itself be read; this never throws. */
export function errorText(error: unknown): string {
  try {
    const text: unknown = error instanceof Error ? error.message : error
    return String(text)
  } catch {
    return 'an error that has no text'
  }
}
