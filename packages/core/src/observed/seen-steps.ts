import type { ExecutionSnapshot, StepDefinition, StepSnapshot } from '@steptrail/workflow'
import { seenDefinition } from './observed-definition.ts'
import type { ObservedStep } from './observation.ts'

/** The steps that were seen of an execution of another engine, each by its id, and what they would be defined as. */
export class SeenSteps {
  readonly #steps: Map<string, StepSnapshot>
  readonly #definitions: Map<string, StepDefinition>
  /** What runs again is numbered: the number that is free next, by name. */
  readonly #nextRuns = new Map<string, number>()
  /** DO steps that are not undone, by their action, in the order in which they came to be. */
  readonly #notUndone = new Map<string, StepSnapshot['stepId'][]>()
  readonly #undone: Set<string>

  constructor({ steps, definition }: Pick<ExecutionSnapshot, 'steps' | 'definition'>) {
    this.#definitions = new Map(definition.steps.map((step) => [step.name, step]))
    this.#steps = new Map(steps.map((step) => [step.stepId, step]))
    this.#undone = new Set(steps.flatMap(({ undoes }) => undoes ?? []))
    for (const step of steps) this.#noteUndoable(step)
  }

  get count(): number {
    return this.#steps.size
  }

  get(stepId: string): StepSnapshot | undefined {
    return this.#steps.get(stepId)
  }

  /** All of them, in the order in which they came to be. */
  all(): readonly StepSnapshot[] {
    return [...this.#steps.values()]
  }

  /** Those of these names; of all steps unless they are given. */
  definitions(names?: ReadonlySet<string>): readonly StepDefinition[] {
    if (!names) return [...this.#definitions.values()]
    return [...names].flatMap((name) => this.#definitions.get(name) ?? [])
  }

  /** A step as it is now. */
  set(step: StepSnapshot): void {
    const isNew = !this.#steps.has(step.stepId)
    this.#steps.set(step.stepId, step)
    if (step.undoes !== null) this.#undone.add(step.undoes)
    if (isNew) this.#noteUndoable(step)
  }

  define(name: string, { name: action, service, maxRetries }: ObservedStep): void {
    this.#definitions.set(name, seenDefinition({ name, action, service, maxRetries }))
  }

  /** Steps of an execution have a name each; what runs again is numbered. */
  freeName(name: string): string {
    if (!this.#definitions.has(name)) return name
    let run = this.#nextRuns.get(name) ?? 2
    while (this.#definitions.has(`${name}#${run}`)) run += 1
    this.#nextRuns.set(name, run + 1)
    return `${name}#${run}`
  }

  /** Of the steps that have this name, the one that came to be last and is not undone yet. */
  toUndo(action: string | null): StepSnapshot | undefined {
    const ids = this.#notUndone.get(action ?? '') ?? []
    while (this.#undone.has(ids.at(-1) ?? '')) ids.pop()
    return this.#steps.get(ids.at(-1) ?? '')
  }

  #noteUndoable({ stepId, name, operation }: StepSnapshot): void {
    if (operation !== 'DO') return
    const action = this.#definitions.get(name)?.action ?? name
    const ids = this.#notUndone.get(action) ?? []
    ids.push(stepId)
    this.#notUndone.set(action, ids)
  }
}
