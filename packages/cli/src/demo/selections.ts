import { Discovery, registerEntries } from '@steptrail/catalog'
import { storeWorkflowExecutionAudit, type Trail } from '@steptrail/core'
import { TrailError } from '@steptrail/event'

const actor = { type: 'user', id: 'demo' } as const
const agent = { type: 'agent', id: 'night-watch' } as const

const anything = { severity: ['*'], component: ['*'], environment: ['*'], priority: ['*'] }

const parameters = {
  type: 'object',
  properties: { node: { type: 'string' }, graceSeconds: { type: 'integer', minimum: 0 } },
  required: ['node'],
  additionalProperties: false,
}

const workflow = <Others extends { readonly actionType: string }>(
  workflowName: string,
  version: string,
  others: Others,
) => ({
  workflowName,
  version,
  title: workflowName,
  description: 'Registered by the demo.',
  owner: 'platform-team',
  labels: anything,
  parameters,
  ...others,
})

const entries = {
  actionTypes: [
    {
      actionType: 'RestartNode',
      what: 'Takes a node out of service and brings it back.',
      whenToUse: 'A node does not answer, or has run out of memory.',
      whenNotToUse: 'All nodes of a zone are affected.',
    },
    {
      actionType: 'RenewCertificate',
      what: 'Requests a certificate and installs it.',
      whenToUse: 'A certificate expires within days.',
      whenNotToUse: 'The authority itself is in doubt.',
    },
  ],
  workflows: [
    workflow('node-remediation', '1.4.0', {
      actionType: 'RestartNode',
      title: 'Drain and restart a node',
      expectedSuccessRate: 0.95,
      labels: { ...anything, severity: ['critical', 'high'], environment: ['production'] },
      versionNotes: 'Waits for evictions.',
    }),
    workflow('node-power-cycle', '2.0.0', {
      actionType: 'RestartNode',
      title: 'Cut the power of a node',
      expectedSuccessRate: 0.8,
    }),
    workflow('node-replacement', '0.9.0', {
      actionType: 'RestartNode',
      title: 'Replace a node by a new one',
      labels: { ...anything, environment: ['staging'] },
    }),
    workflow('certificate-renewal', '2.0.0', {
      actionType: 'RenewCertificate',
      title: 'Renew a certificate',
      expectedSuccessRate: 0.97,
    }),
  ],
}

const context = {
  severity: 'critical',
  component: 'node',
  environment: 'production',
  priority: 'P1',
} as const

/** Registers a small catalogue, in which an agent then looks for something to do against two incidents. */
export async function selectSomething(trail: Trail): Promise<void> {
  const { database, recorder } = trail
  const registered = await registerEntries(database, entries, { actor, reason: 'the demo' })
  const idOf = (name: string): string =>
    registered.workflows.find(({ workflowName }) => workflowName === name)?.workflowId ?? ''
  const discovery = new Discovery({ database, recorder })
  const caller = { actor: agent, tenant: 'default' }
  const wrong = idOf('node-replacement')
  for (const { remediationId, name } of incidents) {
    const chosen = idOf(name)
    const asked = { remediationId, context }
    await discovery.listActions(asked, caller)
    await discovery.listWorkflows({ ...asked, actionType: 'RestartNode' }, caller)
    await discovery.getWorkflow({ ...asked, workflowId: wrong }, caller).catch(isRefusal)
    await discovery.getWorkflow({ ...asked, workflowId: chosen }, caller)
    await discovery.validateSelection({ ...asked, workflowId: chosen, parameters: { node: 7 } }, caller)
    await discovery.validateSelection(
      { ...asked, workflowId: chosen, parameters: { node: 'web-7', graceSeconds: 30 } },
      caller,
    )
  }
  // What was chosen is executed after it was.
  await recorder.flush()
  for (const incident of incidents)
    await storeWorkflowExecutionAudit(database, auditOf(incident), { now: Date.now() })
}

/** Two incidents: what was chosen against the first helped, what was chosen against the second did not. */
const incidents = [
  { remediationId: 'incident-2041', name: 'node-remediation', version: '1.4.0', error: null },
  {
    remediationId: 'incident-2042',
    name: 'node-power-cycle',
    version: '2.0.0',
    error: 'the node did not come back',
  },
] as const

const auditOf = ({ remediationId, name, version, error }: (typeof incidents)[number]) =>
  ({
    remediation_id: remediationId,
    workflow_name: name,
    workflow_version: version,
    total_steps: 2,
    steps_completed: error === null ? 2 : 1,
    steps_failed: error === null ? 0 : 1,
    total_duration_ms: error === null ? 61_000 : 300_000,
    outcome: error === null ? 'success' : 'failed',
    ...(error !== null && { error_message: error }),
  }) as const

/** What is for another situation is refused, which is what the demo shows; anything else is a fault. */
function isRefusal(error: unknown): void {
  if (!(error instanceof TrailError) || error.code !== 'workflow_not_available') throw error
}
