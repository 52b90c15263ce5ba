/** What is needed of a step to follow its order. */
interface Ordered {
  readonly name: string
  readonly after: readonly string[]
}

/**
 * A cycle in the order of the steps as a path that ends where it began, each step coming after the next one
 * in the list; null when there is none. Names in `after` that are no step's are passed over.
 */
export function findCycle(steps: readonly Ordered[]): readonly string[] | null {
  const after = new Map(steps.map((step) => [step.name, step.after]))
  const done = new Set<string>()
  for (const { name } of steps) {
    const cycle = cycleFrom(name, after, done)
    if (cycle) return cycle
  }
  return null
}

/** Walks depth first with a stack of its own; `done` holds steps from which no cycle can be reached. */
function cycleFrom(
  start: string,
  after: ReadonlyMap<string, readonly string[]>,
  done: Set<string>,
): readonly string[] | null {
  const path: string[] = []
  const rest: Iterator<string>[] = []
  const enter = (name: string): void => {
    path.push(name)
    rest.push((after.get(name) ?? []).values())
  }
  if (!done.has(start)) enter(start)
  for (let level = rest.at(-1); level; level = rest.at(-1)) {
    const next = level.next()
    if (next.done) {
      done.add(path.at(-1) ?? start)
      path.pop()
      rest.pop()
    } else if (path.includes(next.value)) {
      return [...path.slice(path.indexOf(next.value)), next.value]
    } else if (!done.has(next.value)) {
      enter(next.value)
    }
  }
  return null
}
