import type { z } from 'zod'
import { catalogContentOf } from './catalog-content.ts'
import { checkDefinition } from './check-definition.ts'
import { definitionOf } from './definition-of.ts'
import type { Adjustment } from './adjustment.ts'
import type { PolicyContext, RetrySpec, StepSpec, StepSpecs, Workflow } from './workflow.ts'

/** A workflow as its author writes it. */
export interface WorkflowSpec<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Steps = StepSpecs,
> {
  readonly name: Name
  /** Free, such as `1.0.0`; a name and version stand for one definition for ever. */
  readonly version: string
  /** What `start` takes. Stored as it is given and parsed for each attempt, so defaults are to be constant. */
  readonly input: Input
  /** Retries of the steps that have no policy of their own. Default: 3, after 5,000 ms each. */
  readonly retry?: RetrySpec
  /** Whether the trail holds the input itself beside its digest. Default false. */
  readonly recordInput?: boolean
  /** Adjusts steps by rule, before each attempt: a longer timeout after one that was too short, say. Default: nothing. */
  adjust?(context: PolicyContext<z.output<Input>>): readonly Adjustment[]
  /** The steps by name. Those without `after` run in the order of declaration. */
  readonly steps: Steps
}

/** Forbids options that no step has: they would be ignored in silence. */
type NoOther<Step> = { readonly [Option in Exclude<keyof Step, keyof StepSpec>]: never }

/** The other steps' names; any name where these are made at run time. */
type Others<Steps, Name> = string extends Name ? string : Exclude<keyof Steps & string, Name>

/** What the steps of a workflow must be: each names only others of them in `after`. */
export type StepsAmong<Steps> = {
  readonly [Name in keyof Steps]: StepSpec<Others<Steps, Name>> & NoOther<Steps[Name]>
}

/**
 * Makes a workflow of its specification, with the definition as plain data and every default filled in.
 *
 * Throws `invalid_workflow`, naming workflow, step, value and what is allowed, for: a cycle (as a path), an
 * unknown, repeated or own name in `after`, a bad name, a number out of its limits, an unknown option, and a
 * schema of something that JSON cannot carry.
 */
export function defineWorkflow<
  const Name extends string,
  Input extends z.ZodType,
  const Steps extends StepsAmong<Steps> & StepSpecs,
>(spec: WorkflowSpec<Name, Input, Steps>): Workflow<Name, Input, Steps> {
  const { name, version, input, steps } = spec
  const definition = definitionOf(spec)
  checkDefinition(definition)
  return {
    name,
    version,
    input,
    steps,
    definition,
    catalog: (offer) => catalogContentOf(definition, offer),
    ...(spec.adjust && { adjust: (context) => spec.adjust?.(context) ?? [] }),
  }
}
