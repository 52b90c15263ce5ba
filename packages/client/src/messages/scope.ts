/**
 * What a key or a token may do. `record`: record events. `engine`: claim and report steps, record what engines did.
 * `discover`: look workflows up. `read`: read. `operate`: start executions and act on them. `admin`: all of it, and
 * keys.
 */
export const scopes = ['record', 'engine', 'discover', 'read', 'operate', 'admin'] as const

/** See `scopes`. */
export type Scope = (typeof scopes)[number]
