import { reportedError } from '@steptrail/workflow'
import type { ObservedError } from '@steptrail/core'

/** An error as DBOS stores it: JSON, or superjson, which is JSON in a field `json`. What is neither is taken as a text. */
export function storedError(stored: string): ObservedError {
  const { message, code } = reportedError(parsed(stored), { recordStack: false })
  return { message, code }
}

function parsed(stored: string): unknown {
  try {
    const value: unknown = JSON.parse(stored)
    return typeof value === 'object' && value !== null && 'json' in value ? value.json : value
  } catch {
    // No JSON: another serializer of the application's. Its text is what there is to show.
    return stored
  }
}
