// Checked by the compiler: each line after `@ts-expect-error` is an error, and every other line is none.
import type { Json } from '@steptrail/verify'
import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from './define.ts'
import type { AncestorOutputs, AnyWorkflow, StepOutput, StepSpec } from './workflow.ts'
import type { ThroughJson } from './through-json.ts'

const input = z.object({})
const output = z.object({})

const diamond = defineWorkflow({
  name: 'diamond',
  version: '1',
  input: z.object({ tenant: z.string() }),
  steps: {
    left: { service: 'a', output: z.object({ l: z.number() }), after: ['top'] },
    bottom: { service: 'b', output: z.object({ at: z.date() }), after: ['left', 'right'], undo: 'none' },
    top: { service: 'a', output: z.object({ t: z.string() }), after: [] },
    right: { service: 'b', output: z.object({ r: z.boolean().optional() }), after: ['top'] },
  },
})
type Diamond = (typeof diamond)['steps']

// Outputs are those of all ancestors, whatever the order of declaration.
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- that it is empty is the point
declare const ofTop: AncestorOutputs<Diamond, 'top'>
// @ts-expect-error a root has no ancestors
void ofTop.left
expectTypeOf<AncestorOutputs<Diamond, 'left'>>().toEqualTypeOf<{ readonly top: { readonly t: string } }>()
expectTypeOf<keyof AncestorOutputs<Diamond, 'bottom'>>().toEqualTypeOf<'top' | 'left' | 'right'>()
expectTypeOf<StepOutput<Diamond['bottom']>>().toEqualTypeOf<{ readonly at: string }>()
expectTypeOf<StepOutput<Diamond['right']>>().toEqualTypeOf<{ readonly r?: boolean }>()
expectTypeOf<typeof diamond.name>().toEqualTypeOf<'diamond'>()
const any: AnyWorkflow = diamond
void any

// Without `after` the type cannot know what comes before, so nothing is sure.
const ordered = defineWorkflow({
  name: 'ordered',
  version: '1',
  input,
  steps: {
    first: { service: 'a', output: z.object({ n: z.number() }) },
    second: { service: 'a', output },
    third: { service: 'a', output, after: ['second'] },
    apart: { service: 'a', output, after: [] },
  },
})
type Ordered = (typeof ordered)['steps']
declare const second: AncestorOutputs<Ordered, 'second'>
const perhaps: { readonly n: number } | undefined = second.first
// @ts-expect-error what comes before a step without `after` may be absent
const certain: { readonly n: number } = second.first
void [perhaps, certain]
declare const third: AncestorOutputs<Ordered, 'third'>
const before: {} = third.second
// @ts-expect-error before `second` may come others, of which none is sure
const first: {} = third.first
void [before, first]
// @ts-expect-error a step is no ancestor of itself
void second.second
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- that it is empty is the point
declare const ofApart: AncestorOutputs<Ordered, 'apart'>
// @ts-expect-error an empty `after` is a root, wherever the step stands
void ofApart.first

// A choice that is made at run time is no sure ancestor either.
declare const choice: 'top' | 'left'
const chosen = defineWorkflow({
  name: 'chosen',
  version: '1',
  input,
  steps: {
    top: { service: 'a', output, after: [] },
    left: { service: 'a', output, after: [] },
    end: { service: 'a', output, after: [choice] },
  },
})
declare const end: AncestorOutputs<(typeof chosen)['steps'], 'end'>
// @ts-expect-error `choice` may be `left`
const top: {} = end.top
void top

// A chain of a hundred steps does not exhaust the compiler.
type Predecessor<N extends number, Counted extends 0[] = []> = [...Counted, 0]['length'] extends N
  ? Counted['length']
  : Predecessor<N, [...Counted, 0]>
type UpTo<N extends number, Found extends number = never> = N extends 0
  ? Found | 0
  : UpTo<Predecessor<N>, Found | N>
type Chain = {
  readonly [N in UpTo<100> as `step${N}`]: StepSpec & {
    readonly output: typeof output
    readonly after: N extends 0 ? readonly [] : readonly [`step${Predecessor<N>}`]
  }
}
expectTypeOf<keyof AncestorOutputs<Chain, 'step100'>>().toEqualTypeOf<Exclude<keyof Chain, 'step100'>>()

// Steps that are made at run time may be after any others, and their outputs are not known.
declare const made: Readonly<Record<string, StepSpec>>
const dynamic: AnyWorkflow = defineWorkflow({ name: 'made', version: '1', input, steps: made })
void dynamic

// What is refused.
defineWorkflow({
  name: 'x',
  version: '1',
  input,
  steps: {
    a: { service: 's', output, after: [] },
    // @ts-expect-error there is no step `nope`
    b: { service: 's', output, after: ['nope'] },
  },
})
defineWorkflow({
  name: 'x',
  version: '1',
  input,
  // @ts-expect-error a step cannot come after itself
  steps: { a: { service: 's', output, after: ['a'] } },
})
defineWorkflow({
  name: 'x',
  version: '1',
  input,
  // @ts-expect-error `timeout` is no option: it is `timeoutMs`
  steps: { a: { service: 's', output, after: [], timeout: 5 } },
})
defineWorkflow({
  name: 'x',
  version: '1',
  input,
  // @ts-expect-error undo is 'none' or absent
  steps: { a: { service: 's', output, after: [], undo: 'handler' } },
})
defineWorkflow({
  name: 'x',
  version: '1',
  input,
  // @ts-expect-error each step has an output schema
  steps: { a: { service: 's', after: [] } },
})

// JSON there and back.
expectTypeOf<ThroughJson<{ a: Date; b?: number }>>().toEqualTypeOf<{
  readonly a: string
  readonly b?: number
}>()
expectTypeOf<ThroughJson<{ a: string | undefined; b: bigint; f: () => void }>>().toEqualTypeOf<{
  readonly a?: string
}>()
expectTypeOf<ThroughJson<(string | undefined)[]>>().toEqualTypeOf<readonly (string | null)[]>()
expectTypeOf<ThroughJson<[1, Date]>>().toEqualTypeOf<readonly [1, string]>()
expectTypeOf<ThroughJson<unknown>>().toEqualTypeOf<Json>()
expectTypeOf<ThroughJson<Record<string, Date>>>().toEqualTypeOf<{ readonly [key: string]: string }>()
expectTypeOf<ThroughJson<1 | null | Date>>().toEqualTypeOf<1 | null | string>()

// What follows a failure, and when a step runs: an unknown word or a bare function is an error, and what may be skipped
// hands on null.
const branching = defineWorkflow({
  name: 'branching',
  version: '1',
  input,
  steps: {
    passedOver: { service: 'a', output: z.object({ n: z.number() }), after: [], onFailure: 'skip' },
    sometimes: { service: 'a', output, after: [], when: z.object({ input: z.object({}) }) },
    blocking: { service: 'a', output, after: [], onFailure: 'block' },
    last: { service: 'a', output, after: ['passedOver', 'sometimes', 'blocking'] },
  },
})
type Branching = (typeof branching)['steps']
expectTypeOf<AncestorOutputs<Branching, 'last'>['passedOver']>().toEqualTypeOf<{
  readonly n: number
} | null>()
declare const ofLast: AncestorOutputs<Branching, 'last'>
// @ts-expect-error a step with a condition may have been skipped
void ofLast.sometimes.valueOf()
// @ts-expect-error one that blocks when it fails has an output
const never: null = ofLast.blocking
void never
// @ts-expect-error there is no such way to go on
const ignoring: StepSpec = { service: 'a', output, onFailure: 'ignore' }
// @ts-expect-error a condition is a schema, which any process can hold a value against
const asking: StepSpec = { service: 'a', output, when: () => true }
void [ignoring, asking]
