import { carefully } from '@steptrail/event'

/** The triggers by which an adapter notes what its engine does. */
export interface TriggersToWatch {
  /** As it is called in what is told of them. */
  readonly engine: string
  /** The schema of their functions, quoted for SQL. */
  readonly schema: string
  readonly names: readonly string[]
  readonly onTrouble: ((message: string, cause: unknown) => void) | undefined
}

/** A statement in the database of the engine. */
type Ask = (text: string, values: unknown[]) => Promise<{ readonly rows: readonly object[] }>

const lookEveryMs = 60_000

/**
 * Looks once a minute whether triggers are there and fire, which may be dropped with their table, or disabled: nothing else
 * would tell, since what they do not note is nowhere.
 */
export class WatchedTriggers {
  readonly #ask: Ask
  readonly #watched: TriggersToWatch
  #lookedAt = -Infinity
  #isTold = false

  constructor(ask: Ask, watched: TriggersToWatch) {
    this.#ask = ask
    this.#watched = { ...watched, onTrouble: watched.onTrouble && carefully(watched.onTrouble) }
  }

  async look(): Promise<void> {
    const now = performance.now()
    if (now - this.#lookedAt < lookEveryMs) return
    this.#lookedAt = now
    const missing = await this.#missing()
    if (missing.length > 0 && !this.#isTold) this.#tell(missing)
    this.#isTold = missing.length > 0
  }

  async #missing(): Promise<readonly string[]> {
    const { schema, names } = this.#watched
    const { rows } = await this.#ask(selectFiring, [schema, names])
    const firing = new Set(rows.map((row) => (row as { readonly tgname: string }).tgname))
    return names.filter((name) => !firing.has(name))
  }

  #tell(missing: readonly string[]): void {
    const { engine, onTrouble } = this.#watched
    onTrouble?.(
      `what ${engine} does is not noted: ${missing.join(', ')} are not there or disabled, and what happens meanwhile is on no record`,
      new Error('call install: it makes them again'),
    )
  }
}

const selectFiring = `
select tgname::text as tgname
from pg_trigger
join pg_proc on pg_proc.oid = tgfoid
where pronamespace = $1::regnamespace
  and tgname = any($2)
  and tgenabled in ('O', 'A')`
