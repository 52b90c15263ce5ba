import { TrailError } from '@steptrail/event'
import type { z } from 'zod'
import type { StepDefinition, WorkflowDefinition } from './definition.ts'
import type { Claim, Implementation } from './dispatch.ts'
import type { AnyWorkflow } from './workflow.ts'

/** DO and UNDO without their types, which `implement` has checked. */
export interface UntypedHandler {
  readonly do: (context: unknown) => unknown
  readonly undo?: ((context: unknown) => unknown) | undefined
}

/** A step with what performs it. */
export interface ImplementedStep {
  readonly workflow: AnyWorkflow
  readonly output: z.ZodType
  readonly handler: UntypedHandler
}

type StepName = Pick<Claim, 'workflowName' | 'workflowVersion' | 'stepName'>

/** The steps that a worker of one service performs. */
export class Implementations {
  readonly #service: string
  readonly #workflows: AnyWorkflow[] = []
  readonly #steps = new Map<string, ImplementedStep>()

  constructor(service: string) {
    this.#service = service
  }

  /**
   * Takes the handlers of all the workflow's steps that belong to the service. Throws `invalid_configuration`
   * when the workflow has none, when it was added before, and for a handler that is missing, unknown or
   * incomplete, or that undoes what needs no undoing.
   */
  add(workflow: AnyWorkflow, handlers: Readonly<Record<string, UntypedHandler>>): void {
    const { name, version } = workflow
    const own = workflow.definition.steps.filter((step) => step.service === this.#service)
    if (own.length === 0)
      throw this.#refusal(workflow, `it has no step of service ${this.#service}: give one that has`)
    if (this.#workflows.some((other) => other.name === name && other.version === version))
      throw this.#refusal(workflow, 'this worker implements it already: call implement once for it')
    for (const step of Object.keys(handlers))
      if (!own.some((known) => known.name === step))
        throw this.#refusal(
          workflow,
          `service ${this.#service} has no step ${step}: its steps are ${own.map((known) => known.name).join(', ')}`,
        )
    for (const step of own)
      this.#addStep(workflow, step, Object.hasOwn(handlers, step.name) ? handlers[step.name] : undefined)
    this.#workflows.push(workflow)
  }

  /** The implementation of a step; undefined when there is none. */
  find(step: StepName): ImplementedStep | undefined {
    return this.#steps.get(keyOf(step))
  }

  get definitions(): readonly WorkflowDefinition[] {
    return this.#workflows.map((workflow) => workflow.definition)
  }

  get list(): readonly Implementation[] {
    return this.#workflows.flatMap(({ name, version, definition }) =>
      definition.steps
        .filter((step) => step.service === this.#service)
        .map((step) => ({ workflowName: name, workflowVersion: version, stepName: step.name })),
    )
  }

  #addStep(workflow: AnyWorkflow, { name, undo }: StepDefinition, handler: UntypedHandler | undefined): void {
    if (typeof handler?.do !== 'function')
      throw this.#refusal(workflow, `step ${name} has no do: give a function`)
    if (undo === 'handler' && typeof handler.undo !== 'function')
      throw this.#refusal(
        workflow,
        `step ${name} has no undo: give a function, or say undo: 'none' in the definition`,
      )
    if (undo === 'none' && handler.undo !== undefined)
      throw this.#refusal(
        workflow,
        `step ${name} has an undo that would never be called: the definition says undo: 'none'`,
      )
    const spec = workflow.steps[name]
    if (spec === undefined)
      throw this.#refusal(workflow, `its definition has a step ${name} that its specification has not`)
    const key = keyOf({ workflowName: workflow.name, workflowVersion: workflow.version, stepName: name })
    this.#steps.set(key, { workflow, output: spec.output, handler })
  }

  #refusal({ name, version }: AnyWorkflow, problem: string): TrailError {
    const details = { workflow: name, version, service: this.#service }
    return new TrailError(
      'invalid_configuration',
      `cannot implement workflow ${name} ${version}: ${problem}`,
      { details },
    )
  }
}

const keyOf = ({ workflowName, workflowVersion, stepName }: StepName): string =>
  JSON.stringify([workflowName, workflowVersion, stepName])
