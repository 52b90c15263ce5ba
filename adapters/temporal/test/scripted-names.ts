/** The steps that scripts of the conformance suite have, each an activity of this name, and one that undoes it. */
export const scriptedNames = ['reserve', 'charge', 'pack', 'wait'] as const

/** The name of the activity that undoes a step. */
export const undoOf = (name: string): string => `undo ${name}`

/** What undoes what. */
export const scriptedUndoes: Readonly<Record<string, string>> = Object.fromEntries(
  scriptedNames.map((name) => [undoOf(name), name]),
)
