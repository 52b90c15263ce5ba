import type { CatalogContent, CatalogOffer } from '@steptrail/workflow'
import { defineWorkflow } from '@steptrail/workflow'
import { z } from 'zod'
import type { State, Target } from './cluster.ts'

/** What a remediation needs to be told, beside what is its own. */
interface RemediationSpec {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly actionType: string
  /** What it is about, and the parameter that names it. */
  readonly kind: 'deployment' | 'pod' | 'node'
  readonly parameter?: { readonly name: string; readonly schema: z.ZodNumber }
  readonly after: (before: State, amount: number) => State
  readonly labels?: Partial<CatalogOffer['labels']>
  readonly customLabels?: CatalogOffer['customLabels']
  readonly expectedSuccessRate: number
}

const number = (name: string, min: number, max: number) => ({ name, schema: z.int().min(min).max(max) })
const plus =
  (name: string, by = 1) =>
  (before: State): State => ({ ...before, [name]: Number(before[name] ?? 0) + by })
const put =
  (values: State) =>
  (before: State): State => ({ ...before, ...values })
const amountIn =
  (name: string) =>
  (before: State, amount: number): State => ({ ...before, [name]: amount })
const anywhere = { severity: ['*'], component: ['*'], environment: ['*'], priority: ['*'] } as const
const serious = { severity: ['critical', 'high'], priority: ['P0', 'P1'] } as const

const specs: readonly RemediationSpec[] = [
  {
    name: 'scale-conservative',
    title: 'Scale carefully',
    description: 'Sets the number of replicas, at most 10, and checks the load.',
    actionType: 'ScaleReplicas',
    kind: 'deployment',
    parameter: number('replicas', 1, 10),
    after: amountIn('replicas'),
    labels: { ...serious, component: ['deployment'], environment: ['production'] },
    customLabels: { 'resource-management': ['manual', 'gitops'] },
    expectedSuccessRate: 0.95,
  },
  {
    name: 'scale-anywhere',
    title: 'Scale',
    description: 'Sets the number of replicas, at most 50.',
    actionType: 'ScaleReplicas',
    kind: 'deployment',
    parameter: number('replicas', 1, 50),
    after: amountIn('replicas'),
    expectedSuccessRate: 0.85,
  },
  {
    name: 'scale-freely',
    title: 'Scale without bounds',
    description: 'Sets any number of replicas; for experiments.',
    actionType: 'ScaleReplicas',
    kind: 'deployment',
    parameter: number('replicas', 0, 1_000),
    after: amountIn('replicas'),
    labels: { environment: ['staging', 'test'] },
    expectedSuccessRate: 0.6,
  },
  {
    name: 'restart-pod',
    title: 'Restart one pod',
    description: 'Restarts a pod that hangs.',
    actionType: 'RestartPod',
    kind: 'pod',
    after: plus('restarts'),
    labels: { component: ['pod', 'deployment'] },
    expectedSuccessRate: 0.9,
  },
  {
    name: 'raise-cpu',
    title: 'Raise CPU limits',
    description: 'Sets the limit in thousandths of a processor.',
    actionType: 'IncreaseCPULimits',
    kind: 'deployment',
    parameter: number('cpuMillis', 100, 4_000),
    after: amountIn('cpuMillis'),
    labels: { component: ['deployment'] },
    expectedSuccessRate: 0.8,
  },
  {
    name: 'raise-memory',
    title: 'Raise memory limits',
    description: 'Sets the limit in MiB.',
    actionType: 'IncreaseMemoryLimits',
    kind: 'deployment',
    parameter: number('memoryMib', 64, 8_192),
    after: amountIn('memoryMib'),
    labels: { component: ['deployment'] },
    expectedSuccessRate: 0.85,
  },
  {
    name: 'raise-memory-gitops',
    title: 'Raise memory limits by a commit',
    description: 'Commits the limit, in MiB, and waits for it to be applied.',
    actionType: 'IncreaseMemoryLimits',
    kind: 'deployment',
    parameter: number('memoryMib', 64, 8_192),
    after: amountIn('memoryMib'),
    labels: { component: ['deployment'], environment: ['production'] },
    customLabels: { 'resource-management': ['gitops'] },
    expectedSuccessRate: 0.95,
  },
  {
    name: 'rollback-release',
    title: 'Roll a release back',
    description: 'Goes back one revision.',
    actionType: 'RollbackDeployment',
    kind: 'deployment',
    after: plus('revision', -1),
    labels: { ...serious, component: ['deployment'] },
    expectedSuccessRate: 0.9,
  },
  {
    name: 'drain-node',
    title: 'Drain a node',
    description: 'Cordons the node and moves its pods.',
    actionType: 'DrainNode',
    kind: 'node',
    after: put({ schedulable: false, pods: 0 }),
    labels: { component: ['node'] },
    expectedSuccessRate: 0.8,
  },
  {
    name: 'cordon-node',
    title: 'Cordon a node',
    description: 'Lets no new pods onto the node.',
    actionType: 'CordonNode',
    kind: 'node',
    after: put({ schedulable: false }),
    labels: { component: ['node'] },
    expectedSuccessRate: 0.99,
  },
  {
    name: 'rolling-restart',
    title: 'Restart a deployment',
    description: 'Restarts all pods, one after the other.',
    actionType: 'RestartDeployment',
    kind: 'deployment',
    after: plus('restarts'),
    labels: { component: ['deployment'] },
    expectedSuccessRate: 0.9,
  },
  {
    name: 'cleanup-node',
    title: 'Clean a node',
    description: 'Removes images and logs that nothing uses.',
    actionType: 'CleanupNode',
    kind: 'node',
    after: put({ diskFreePercent: 40 }),
    labels: { component: ['node'] },
    expectedSuccessRate: 0.9,
  },
  {
    name: 'delete-pod',
    title: 'Delete a stuck pod',
    description: 'Deletes the pod; its deployment makes another.',
    actionType: 'DeletePod',
    kind: 'pod',
    after: put({ phase: 'Running', restarts: 0 }),
    labels: { component: ['pod', 'deployment'] },
    expectedSuccessRate: 0.95,
  },
]

const state = z.record(z.string(), z.union([z.number(), z.boolean(), z.string()]))

function remediation(spec: RemediationSpec) {
  const { kind, parameter } = spec
  const shape: Record<string, z.ZodType> = { [kind]: z.string().min(1).max(63) }
  if (parameter) shape[parameter.name] = parameter.schema
  const workflow = defineWorkflow({
    name: spec.name,
    version: '1.0.0',
    input: z.strictObject(shape),
    steps: {
      observe: { service: 'cluster-service', undo: 'none', after: [], output: state },
      act: { service: 'cluster-service', action: spec.actionType, after: ['observe'], output: state },
      verify: {
        service: 'cluster-service',
        undo: 'none',
        after: ['act'],
        output: z.object({ healthy: z.literal(true) }),
      },
    },
  })
  const content: CatalogContent = workflow.catalog({
    actionType: spec.actionType,
    title: spec.title,
    description: spec.description,
    labels: { ...anywhere, ...spec.labels },
    customLabels: spec.customLabels,
    owner: 'platform-team',
    maintainer: 'oncall@example.com',
    approvedBy: 'security-team',
    approvedAt: '2026-02-01T10:00:00Z',
    expectedSuccessRate: spec.expectedSuccessRate,
  })
  return {
    workflow,
    content,
    targetOf: (input: Readonly<Record<string, unknown>>): Target => `${kind}/${String(input[kind])}`,
    after: (before: State, input: Readonly<Record<string, unknown>>): State =>
      spec.after(before, Number(input[parameter?.name ?? ''] ?? 0)),
  }
}

/** Every workflow of the example: what is executed, and how the catalogue offers it. */
export const remediations = specs.map(remediation)
