import { Discovery, registerEntries } from '@steptrail/catalog'
import type { Trail } from '@steptrail/core'
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
  for (const [remediationId, chosen] of [
    ['incident-2041', idOf('node-remediation')],
    ['incident-2042', idOf('node-power-cycle')],
  ] as const) {
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
}

/** What is for another situation is refused, which is what the demo shows; anything else is a fault. */
function isRefusal(error: unknown): void {
  if (!(error instanceof TrailError) || error.code !== 'workflow_not_available') throw error
}
