import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { z } from 'zod'

/** What an agent is told of an incident. */
export interface Signal {
  readonly remediationId: string
  readonly situation: Readonly<Record<string, string>>
  /** What it will ask for, once it knows the workflow. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** The id of a workflow that it knows from elsewhere, and should not use here. */
  readonly rememberedWorkflowId: string
}

/** What the agent chose, checked by the catalogue. */
export interface Choice {
  readonly workflowName: string
  readonly version: string
  readonly parameters: Readonly<Record<string, unknown>>
}

const actions = z.object({
  actionTypes: z.array(z.object({ actionType: z.string(), whenToUse: z.string() })),
})
const workflows = z.object({ workflows: z.array(z.object({ workflowId: z.string(), title: z.string() })) })
const validated = z.object({ workflowName: z.string(), version: z.string(), validationResult: z.string() })

/** Plays an agent that goes through the steps in order, with one attempt to take a short cut, which is refused. */
export async function playAgent(
  transport: Transport,
  signal: Signal,
  say: (line: string) => void,
): Promise<Choice> {
  const client = new Client({ name: 'incident-agent', version: '1.0.0' })
  await client.connect(transport)
  const asked = { remediationId: signal.remediationId, ...signal.situation }
  const call = async <Schema extends z.ZodType>(name: string, args: object, schema: Schema) => {
    const answer = await client.callTool({ name, arguments: { ...asked, ...args } })
    if (!answer.isError) return schema.parse(answer.structuredContent)
    const [content] = z.array(z.object({ text: z.string() })).parse(answer.content)
    say(`  ${name}: ${content?.text ?? ''}`)
    return null
  }
  try {
    const shortCut = await call('get_workflow', { workflowId: signal.rememberedWorkflowId }, z.unknown())
    if (shortCut !== null) throw new Error('a workflow of another context was given out')
    const offered = await call('list_actions', {}, actions)
    say(`  list_actions: ${offered?.actionTypes.map(({ actionType }) => actionType).join(', ') ?? ''}`)
    const chosen = offered?.actionTypes.find(({ whenToUse }) => whenToUse.includes('load'))
    const list = await call('list_workflows', { actionType: chosen?.actionType ?? '' }, workflows)
    say(`  list_workflows: ${list?.workflows.map(({ title }) => title).join(', ') ?? ''}`)
    const workflowId = list?.workflows[0]?.workflowId ?? ''
    await call('get_workflow', { workflowId }, z.unknown())
    const tooMany = { ...signal.parameters, replicas: 99 }
    const first = await call('validate_selection', { workflowId, parameters: tooMany }, validated)
    say(`  validate_selection with 99 replicas: ${first?.validationResult ?? ''}`)
    const second = await call('validate_selection', { workflowId, parameters: signal.parameters }, validated)
    if (second?.validationResult !== 'valid') throw new Error('the agent found no workflow')
    const { workflowName, version } = second
    say(`  validate_selection: ${workflowName} ${version} is valid`)
    return { workflowName, version, parameters: signal.parameters }
  } finally {
    await client.close()
  }
}
