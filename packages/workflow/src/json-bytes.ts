import type { Json } from '@steptrail/verify'

/** How long a value is as JSON in UTF-8. */
export const jsonBytes = (value: Json): number => new TextEncoder().encode(JSON.stringify(value)).length
