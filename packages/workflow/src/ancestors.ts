import type { WorkflowDefinition } from './definition.ts'

/** The names of all steps that come before this one, directly or not. */
export function ancestorsOf(definition: WorkflowDefinition, stepName: string): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (name: string): void => {
    const step = definition.steps.find((candidate) => candidate.name === name)
    for (const before of step?.after ?? []) {
      if (found.has(before)) continue
      found.add(before)
      visit(before)
    }
  }
  visit(stepName)
  return found
}
