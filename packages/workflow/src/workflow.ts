import type { z } from 'zod'
import type { Adjustment } from './adjustment.ts'
import type { CatalogContent, CatalogOffer } from './catalog-content.ts'
import type { Backoff, WorkflowDefinition } from './definition.ts'
import type { ThroughJson } from './through-json.ts'

/** A policy of retries, or one part of it; what is absent comes from the workflow's, then from the default. */
export interface RetrySpec {
  /** Retries after the first attempt. Default 3. */
  readonly maxRetries?: number
  /** Default: 5,000 ms each time. */
  readonly backoff?: Backoff
}

/** A step as its author writes it. */
export interface StepSpec<After extends string = string> {
  /** The worker service that performs it. */
  readonly service: string
  /** What DO returns. It is stored as JSON and handed on so. */
  readonly output: z.ZodType
  /** The steps that must be satisfied first; `[]` for a root. Absent: the step declared before this one. */
  readonly after?: readonly After[]
  /** How long one attempt may take, from its claim to its report. Default 60,000. */
  readonly timeoutMs?: number
  /** Overrides the workflow's policy, part by part. */
  readonly retry?: RetrySpec
  /** What the step does, for analytics. Default: the step's name. */
  readonly action?: string
  /**
   * What follows when it has failed for good. `rollback` (the default): the execution fails, and what was
   * done is undone. `block`: it waits for an operator. `skip`: the steps after it go on, with null for its
   * output.
   */
  readonly onFailure?: 'rollback' | 'block' | 'skip'
  /**
   * The step runs only if `{ input, outputs }` fits this schema, `outputs` being those of the steps in `after`;
   * else it is skipped, and the steps after it get null for its output. Decided when the step is due, by any
   * process, so it is what JSON Schema can say: refinements, transforms, coercions, `trim` and its kin, and regular
   * expressions with flags are refused.
   */
  readonly when?: z.ZodType
  /** `none`: nothing is to be undone, so a rollback skips the step and says so. Absent: the worker must undo it. */
  readonly undo?: 'none'
}

/** Steps by name. */
export type StepSpecs = Readonly<Record<string, StepSpec>>

/** What a workflow's policy is told before an attempt is performed. */
export interface PolicyContext<Input> {
  readonly input: Input
  readonly stepName: string
  readonly operationType: 'DO' | 'UNDO'
  /** 1 for the first attempt. */
  readonly attempt: number
  /** What the attempt is allowed so far. Whole milliseconds. */
  readonly timeoutMs: number
  /** Why the attempt before this one failed; null for the first. */
  readonly lastError: string | null
}

/** A workflow with its schemas: what workers implement and callers start. */
export interface Workflow<Name extends string, Input extends z.ZodType, Steps extends StepSpecs> {
  readonly name: Name
  readonly version: string
  readonly input: Input
  readonly steps: Steps
  /**
   * Adjusts steps by rule: called by the worker before each attempt; what it returns is recorded and holds at once. A
   * method, so that a workflow of any input is a workflow.
   */
  adjust?(context: PolicyContext<z.output<Input>>): readonly Adjustment[]
  /** The same as plain data, every default filled in: what is stored, hashed and decided on. */
  readonly definition: WorkflowDefinition
  /** What offers it in the catalogue, to be registered there. */
  catalog(offer: CatalogOffer): CatalogContent
}

/** Any workflow, where its types do not matter. */
export type AnyWorkflow = Workflow<string, z.ZodType, StepSpecs>

/** Says that a step may come after more steps than its type tells. */
interface Open {
  readonly open: true
}

type IsUnion<T, Whole = T> = T extends Whole ? ([Whole] extends [T] ? false : true) : never

/** The names that a list surely holds, and `Open` unless these are surely all. */
type Names<List, Found = never> = List extends readonly []
  ? Found
  : List extends readonly [infer Head, ...infer Rest]
    ? Names<Rest, Found | (IsUnion<Head> extends false ? Head : Open)>
    : Found | Open

/** The order of an object's keys is not part of its type, so an absent `after` is `Open`. */
type Before<Step> = Step extends { readonly after: infer List } ? Names<List> : Open

type BeforeAny<Steps, Name> = Name extends keyof Steps ? Before<Steps[Name]> : never

/** Goes up level by level, which TypeScript follows for a thousand levels and in time proportional to the edges. */
type Ancestors<Steps, Level, Found = never> = [Level] extends [never]
  ? Found
  : Ancestors<Steps, Exclude<BeforeAny<Steps, Level>, Found | Level>, Found | Level>

type OutputsOf<Steps extends StepSpecs, Name extends keyof Steps, Found> = {
  readonly [Ancestor in Extract<keyof Steps, Found>]: HandedOn<Steps[Ancestor]>
} & ([Extract<Found, Open>] extends [never]
  ? unknown
  : { readonly [Other in Exclude<keyof Steps, Found | Name>]?: HandedOn<Steps[Other]> })

/** A step's output as it comes back from the database. */
export type StepOutput<Step extends StepSpec> = ThroughJson<z.output<Step['output']>>

/** What the steps after it get of a step: its output, or null where the definition lets it be skipped. */
type HandedOn<Step extends StepSpec> =
  | StepOutput<Step>
  | (Step extends { readonly when: z.ZodType } ? null : never)
  | (Step extends { readonly onFailure: 'skip' } ? null : never)

/**
 * What a step's handlers get as `outputs`: those of all its ancestors. When the step or one of its ancestors
 * leaves `after` out, its type cannot tell what comes before it, and the outputs of all other steps are
 * there as optional ones: give `after` to have them for sure.
 */
export type AncestorOutputs<Steps extends StepSpecs, Name extends keyof Steps> =
  OutputsOf<Steps, Name, Ancestors<Steps, Before<Steps[Name]>>> extends infer Outputs
    ? { readonly [Ancestor in keyof Outputs]: Outputs[Ancestor] }
    : never
