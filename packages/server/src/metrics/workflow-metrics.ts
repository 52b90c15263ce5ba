import type { StoredExecutionAudit } from '@steptrail/core'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { LabelBound } from './label-bound.ts'

/** How many workflows and actions there are names of; those that come after are `other`. */
export interface NamedAtMost {
  readonly workflows: number
  readonly actions: number
}

/** How executions went, by workflow and action. */
export class WorkflowMetrics {
  readonly #registry = new Registry()
  readonly #workflows: LabelBound
  readonly #actions: LabelBound
  readonly #duration: Histogram<'workflow_name' | 'outcome'>
  readonly #steps: Counter<'workflow_name' | 'action' | 'status'>
  readonly #effectiveness: Gauge<'workflow_name'>

  constructor({ workflows, actions }: NamedAtMost) {
    this.#workflows = new LabelBound(workflows)
    this.#actions = new LabelBound(actions)
    const registers = [this.#registry]
    const metric = (name: string, help: string) => ({ name: `steptrail_workflow_${name}`, help, registers })
    this.#duration = new Histogram({
      ...metric('execution_duration_seconds', 'How long executions took, from creation to end.'),
      labelNames: ['workflow_name', 'outcome'],
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800],
    })
    this.#steps = new Counter({
      ...metric('step_executions_total', 'Steps of executions that ended, by how they stood then.'),
      labelNames: ['workflow_name', 'action', 'status'],
    })
    this.#effectiveness = new Gauge({
      ...metric('effectiveness_score', 'Effectiveness of the last execution that ended, from 0 to 1.'),
      labelNames: ['workflow_name'],
    })
  }

  /** Counts an execution that ended. */
  count(audit: StoredExecutionAudit): void {
    const workflow_name = this.#workflows.of(audit.workflowName)
    if (audit.totalDurationMs !== null)
      this.#duration.observe({ workflow_name, outcome: audit.outcome }, audit.totalDurationMs / 1_000)
    if (audit.effectivenessScore !== null)
      this.#effectiveness.set({ workflow_name }, audit.effectivenessScore)
    for (const { action, status } of audit.stepExecutions) {
      const isKnown =
        status === 'completed' || status === 'failed' || status === 'skipped' || status === 'cancelled'
      this.#steps.inc({ workflow_name, action: this.#actions.of(action), status: isKnown ? status : 'other' })
    }
  }

  /** All of it as Prometheus reads it. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }
}
