import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { registerEntries, replaySelection, type SelectionReplay } from '@steptrail/catalog'
import type { Database } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { actionTypes } from './action-types.ts'
import { createCluster, type State, stateOf } from './cluster.ts'
import { clusterWorker } from './cluster-worker.ts'
import { playAgent } from './play-agent.ts'
import { remediations } from './remediations.ts'

/** What the example runs on. */
export interface RemediationOptions {
  /** Migrated. */
  readonly database: Database
  /** Connects the agent with an MCP server that serves this database's catalogue. */
  readonly connect: () => Promise<Transport>
  /** Resolves when what the MCP server recorded is written; a server in a process of its own sees to that when it ends. */
  readonly recorded?: () => Promise<unknown>
  readonly remediationId: string
  readonly say: (line: string) => void
}

/** What came of it. */
export interface RemediationReport {
  readonly status: string
  /** What is so of the deployment afterwards. */
  readonly checkout: State
  readonly replay: SelectionReplay
}

/** From a signal to a finished execution: the catalogue is filled, an agent chooses, what it chose is executed. */
export async function runRemediation({
  database,
  connect,
  recorded,
  remediationId,
  say,
}: RemediationOptions): Promise<RemediationReport> {
  await createCluster(database)
  const entries = { actionTypes, workflows: remediations.map(({ content }) => content) }
  const { workflows } = await registerEntries(database, entries, {
    actor: { type: 'service', id: 'incident-remediation' },
  })
  say(`The catalogue has ${workflows.length} workflows for ${actionTypes.length} action types.`)
  const remembered = workflows.find(({ workflowName }) => workflowName === 'scale-freely')?.workflowId ?? ''
  say(`${remediationId}: checkout is overloaded in production.`)
  const choice = await playAgent(
    await connect(),
    {
      remediationId,
      situation: { severity: 'critical', component: 'deployment', environment: 'production', priority: 'P0' },
      parameters: { deployment: 'checkout', replicas: 6 },
      rememberedWorkflowId: remembered,
    },
    say,
  )
  await using saga = await createSaga(database, { serviceName: 'incident-remediation' })
  const worker = clusterWorker(saga.dispatch, database)
  await worker.start()
  const { workflow } = remediations.find(({ content }) => content.workflowName === choice.workflowName) ?? {}
  if (!workflow) throw new Error(`nobody performs ${choice.workflowName}`)
  const { executionId } = await saga.start(workflow, choice.parameters, {
    correlationId: remediationId,
    actor: { type: 'agent', id: 'incident-agent' },
  })
  const { status } = await saga.waitForEnd(executionId)
  await worker.close()
  say(`  ${choice.workflowName}: ${status}`)
  await recorded?.()
  return {
    status,
    checkout: await stateOf(database, 'deployment/checkout'),
    replay: await replaySelection(database, remediationId, 'default'),
  }
}
