import fc from 'fast-check'
import { type CatalogWorkflow, contentHash, type SignalContext, workflowIdOf } from '../src/index.ts'
import { contentSchema } from '../src/content/content-schema.ts'
import { workflowOf } from '../src/snapshot/workflow-row.ts'
import { content } from './pods.ts'

const word = fc.constantFrom<string>('a', 'A', 'b', 'c', 'ä')
const values = fc.uniqueArray(fc.oneof(word, fc.constant<string>('*')), { minLength: 1, maxLength: 3 })
const custom = fc.constantFrom('resource-management', 'team')

/** What varies of a workflow: its labels and whether it is active. */
export const arbitraryWorkflow = fc.record({
  labels: fc.record({ severity: values, component: values, environment: values, priority: values }),
  customLabels: fc.dictionary(custom, values, { maxKeys: 2 }),
  detectedLabels: fc.dictionary(fc.constantFrom('gitOpsManaged', 'stateful'), fc.boolean(), { maxKeys: 2 }),
  status: fc.constantFrom('active' as const, 'active' as const, 'disabled' as const),
})

/** A situation, of which nothing may be known. */
export const arbitraryContext: fc.Arbitrary<SignalContext> = fc.record(
  {
    severity: fc.oneof(word, fc.constant('*')),
    component: word,
    environment: word,
    priority: word,
    customLabels: fc.dictionary(custom, word, { maxKeys: 2 }),
    detectedLabels: fc.dictionary(
      fc.constantFrom('gitOpsManaged', 'stateful'),
      fc.oneof(fc.boolean(), fc.constant('unknown' as const)),
      { maxKeys: 2 },
    ),
  },
  { requiredKeys: [] },
)

type Varied = Partial<typeof arbitraryWorkflow extends fc.Arbitrary<infer Value> ? Value : never>

/** A workflow of the catalogue, made of what varies. */
export function workflowOfContent({ status = 'active', ...varied }: Varied, number = 0): CatalogWorkflow {
  const whole = contentSchema.parse(content({ ...varied, workflowName: `workflow-${number}` }))
  const hash = contentHash(whole)
  const at = '2026-01-01T00:00:00.000Z'
  return workflowOf({
    ...whole,
    workflowId: workflowIdOf(hash),
    contentHash: hash,
    actionTypeIsActive: true,
    status,
    disabledReason: status === 'active' ? null : 'for a reason',
    registeredAt: at,
    statusChangedAt: at,
  })
}
