/** What one request takes. */
export interface RequestLimits {
  readonly events: number
  readonly bodyBytes: number
}

/** The events of one request, as JSON, and the bytes that they take with what is around them. */
export interface RequestPart {
  readonly events: readonly string[]
  readonly bytes: number
}

const encoder = new TextEncoder()

/** The events in requests that keep to the limits, in order. One that is too large by itself goes alone. */
export function requestParts(events: readonly string[], limits: RequestLimits): readonly RequestPart[] {
  const parts: { events: string[]; bytes: number }[] = []
  for (const event of events) {
    // With the comma that follows.
    const bytes = encoder.encode(event).length + 1
    const part = parts.at(-1)
    if (part && part.events.length < limits.events && part.bytes + bytes <= limits.bodyBytes) {
      part.events.push(event)
      part.bytes += bytes
    } else parts.push({ events: [event], bytes: bytes + 1 })
  }
  return parts
}
