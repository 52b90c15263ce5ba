import { quotedText } from './quoted-text.ts'
import type { RedactionPolicy } from './redaction.ts'

/** What is to be known of a key in `details`. */
export interface KeyFacts {
  /** The key and a colon, as JSON; undefined for a key that is not storable text. */
  readonly json: string | undefined
  readonly isSecret: boolean
}

const mostKeys = 1000

/**
 * Remembers what is known of keys, since events repeat theirs: of the last thousand at least, and never of more than
 * two thousand.
 */
export class KeyMemory {
  readonly #policy: RedactionPolicy | undefined
  #recent = new Map<string, KeyFacts>()
  #older = new Map<string, KeyFacts>()

  constructor(policy: RedactionPolicy | undefined) {
    this.#policy = policy
  }

  factsOf(key: string): KeyFacts {
    return this.#recent.get(key) ?? this.#remember(key)
  }

  #remember(key: string): KeyFacts {
    const facts = this.#older.get(key) ?? this.#learn(key)
    if (key.length > 100) return facts
    if (this.#recent.size >= mostKeys) {
      this.#older = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(key, facts)
    return facts
  }

  #learn(key: string): KeyFacts {
    const quoted = quotedText(key)
    return {
      json: quoted === undefined ? undefined : `${quoted}:`,
      isSecret: this.#policy?.isSecretKey(key) ?? false,
    }
  }
}

const memories = new WeakMap<RedactionPolicy, KeyMemory>()

/** The memory of a policy, whose answers depend on the key alone. */
export function keyMemoryOf(policy: RedactionPolicy): KeyMemory {
  let memory = memories.get(policy)
  if (!memory) {
    memory = new KeyMemory(policy)
    memories.set(policy, memory)
  }
  return memory
}

/** The memory of who redacts nothing. */
export const keysAsGiven = new KeyMemory(undefined)
