import type { ExecutionAuditInput } from '@steptrail/workflow'

interface PastWorkflow {
  readonly name: string
  readonly version: (share: number) => string
  readonly actions: readonly (readonly [action: string, durationMs: number])[]
  /** How likely an execution fails, early and late in the time. */
  readonly failure: readonly [early: number, late: number]
}

const workflows: readonly PastWorkflow[] = [
  {
    name: 'nightly-report',
    version: () => '4.0.1',
    actions: [
      ['CollectFigures', 45_000],
      ['RenderReport', 8_000],
      ['SendMail', 900],
    ],
    failure: [0.02, 0.05],
  },
  {
    name: 'node-remediation',
    version: (share) => (share < 0.6 ? '1.3.0' : '1.4.0'),
    actions: [
      ['CordonNode', 400],
      ['DrainPods', 21_000],
      ['RestartNode', 64_000],
      ['UncordonNode', 300],
    ],
    failure: [0.06, 0.24],
  },
  {
    name: 'certificate-renewal',
    version: () => '2.0.0',
    actions: [
      ['RequestCertificate', 3_200],
      ['InstallCertificate', 700],
    ],
    failure: [0.09, 0.03],
  },
]

const errors = [
  (share: number) => `no answer after ${1_000 + Math.round(share * 7_000)} ms`,
  (share: number) => `pod web-${Math.round(share * 900) + 100} refuses to be evicted`,
  () => 'permission denied',
] as const

/** How an execution of another engine went, and when that ended. */
export interface PastExecution {
  readonly audit: ExecutionAuditInput
  readonly endedAtMs: number
}

/**
 * So many executions of another engine over the days before `nowMs`, the same each time: most go well, some after
 * retries, some fail, and one workflow fails ever more often.
 */
export function pastExecutions(days: number, count: number, nowMs: number): readonly PastExecution[] {
  const next = chance(20_251_104)
  return Array.from({ length: count }, (_, index) => {
    const share = (index + next()) / count
    const workflow = workflows[Math.floor(next() * workflows.length)] ?? workflows[0]
    const endedAtMs = Math.round(nowMs - (1 - share) * days * 86_400_000) - 1
    return { endedAtMs, audit: auditOf(workflow as PastWorkflow, { share, next, endedAtMs, index }) }
  })
}

interface Scene {
  readonly share: number
  readonly next: () => number
  readonly endedAtMs: number
  readonly index: number
}

function auditOf(workflow: PastWorkflow, { share, next, endedAtMs, index }: Scene): ExecutionAuditInput {
  const [early, late] = workflow.failure
  const failsAt =
    next() < early + (late - early) * share ? Math.floor(next() * workflow.actions.length) : Infinity
  const error = (errors[index % errors.length] ?? errors[2])(next())
  const steps = workflow.actions.slice(0, failsAt + 1).map(([action, durationMs], at) => ({
    step_number: at + 1,
    action,
    duration_ms: Math.round(durationMs * Math.exp((next() + next() - 1) * 0.9)),
    status: at === failsAt ? 'failed' : 'completed',
    retries_attempted: at === failsAt ? 2 : next() < 0.12 ? 1 : 0,
    ...(at === failsAt && { error_message: error }),
  }))
  const failed = steps.some(({ status }) => status === 'failed')
  return {
    remediation_id: `past-${String(index).padStart(4, '0')}`,
    workflow_name: workflow.name,
    workflow_version: workflow.version(share),
    total_steps: workflow.actions.length,
    steps_completed: failed ? steps.length - 1 : steps.length,
    steps_failed: failed ? 1 : 0,
    total_duration_ms: steps.reduce((sum, { duration_ms }) => sum + duration_ms, 0),
    outcome: failed ? 'failed' : 'success',
    rollbacks_performed: failed ? steps.length - 1 : 0,
    step_executions: steps,
    adaptive_adjustments: adjustmentsOf(next(), endedAtMs),
    completed_at: new Date(endedAtMs).toISOString(),
    status: failed ? 'failed' : 'completed',
    ...(failed && { error_message: error }),
  }
}

const adjustmentsOf = (draw: number, endedAtMs: number) =>
  draw > 0.15
    ? []
    : [
        {
          step_number: 1,
          adjustment_type: draw < 0.09 ? 'timeout' : 'retry',
          reason: draw < 0.05 ? 'slow node' : draw < 0.11 ? 'flaky network' : 'busy registry',
          timestamp: new Date(endedAtMs - 60_000).toISOString(),
        },
      ]

/** Numbers from 0 to 1 that look like chance, the same for the same seed: a linear congruential generator. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
