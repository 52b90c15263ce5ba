/**
 * What an adapter of another engine may let one see, by the names under which an execution says of each whether it does.
 * What its engine does not show is not observable there, which is not the same as that it did not happen.
 */
export const engineCapabilities = {
  perAttempt: 'each attempt of a step that the adapter wraps, and not its outcome alone',
  actor: 'who cancelled or resumed an execution, and why',
  transactional: 'what happened commits together with what the engine itself writes of it',
  replaySafe: 'a replay or a repeated delivery puts nothing on record twice',
  backfill: 'what happened before the adapter was installed',
} as const

/** Something that an engine may show. */
export type EngineCapability = keyof typeof engineCapabilities

/** Whether an engine shows it, for each. */
export type EngineCapabilities = Readonly<Record<EngineCapability, boolean>>

/** What the engine does not show, in the order of `engineCapabilities`; nothing of our own, which shows all. */
export const notObservable = (capabilities: EngineCapabilities | null): readonly EngineCapability[] =>
  capabilities === null
    ? []
    : (Object.keys(engineCapabilities) as EngineCapability[]).filter((name) => !capabilities[name])
