import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import type { Pagination } from '@steptrail/catalog'
import { TrailError } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import type { AgentCatalog } from './agent-catalog.ts'
import { offsetOf, pageCursor } from './page-cursor.ts'
import { contextOfArguments, toolSchemas } from './tool-schemas.ts'

/** What the server works with. */
export interface McpOptions {
  readonly catalog: AgentCatalog
  /** Who the agent is on record; what its client calls itself unless given. */
  readonly agent?: string | undefined
  readonly version: string
  /** How long an answer may take, in milliseconds, before the agent is told to try again later. Default 30,000. */
  readonly answerWithinMs?: number | undefined
  /** Told of troubles that an agent is told nothing of. */
  readonly onTrouble: (message: string, cause: unknown) => void
}

const instructions =
  'Find the workflow for an incident in three steps, then have your choice checked: list_actions, list_workflows, ' +
  'get_workflow, validate_selection. Say the same remediationId and the same situation in every call. Only what is ' +
  'listed for a situation can be used in it; every call is on record.'

/** The catalogue for agents, over the Model Context Protocol: four tools, opaque cursors, and no score anywhere. */
export function createMcpServer(options: McpOptions): McpServer {
  const server = new McpServer({ name: 'steptrail', version: options.version }, { instructions })
  const nameOfAgent = (): string =>
    options.agent ?? (server.server.getClientVersion()?.name.slice(0, 255) || 'mcp')
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK has this property and no events
  server.server.onerror = (error) => options.onTrouble('what the agent sent was not understood', error)
  addLists(server, options, nameOfAgent)
  addWorkflow(server, options, nameOfAgent)
  return server
}

const readOnly = { readOnlyHint: true, idempotentHint: true, openWorldHint: false } as const

function addLists(server: McpServer, options: McpOptions, nameOfAgent: () => string): void {
  const { catalog } = options
  server.registerTool(
    'list_actions',
    {
      title: 'List actions',
      description: 'Step 1: what can be done in the situation, with when to use it and when not.',
      inputSchema: toolSchemas.list_actions,
      annotations: readOnly,
    },
    ({ remediationId, cursor, limit, ...given }) =>
      answered(options, async () => {
        const context = contextOfArguments(given)
        const list = { step: 1, context }
        const request = { remediationId, context, offset: offsetOf(list, cursor), limit }
        const { pagination, ...answer } = await catalog.listActions(request, nameOfAgent())
        return { ...answer, ...pageOf(list, pagination) }
      }),
  )
  server.registerTool(
    'list_workflows',
    {
      title: 'List workflows',
      description: 'Step 2: the workflows that do it in the situation, the one that fits best first.',
      inputSchema: toolSchemas.list_workflows,
      annotations: readOnly,
    },
    ({ remediationId, actionType, cursor, limit, ...given }) =>
      answered(options, async () => {
        const context = contextOfArguments(given)
        const list = { step: 2, actionType, context }
        const request = { remediationId, actionType, context, offset: offsetOf(list, cursor), limit }
        const { pagination, ...answer } = await catalog.listWorkflows(request, nameOfAgent())
        return { ...answer, ...pageOf(list, pagination) }
      }),
  )
}

function addWorkflow(server: McpServer, options: McpOptions, nameOfAgent: () => string): void {
  const { catalog } = options
  server.registerTool(
    'get_workflow',
    {
      title: 'Get a workflow',
      description: 'Step 3: one of the workflows that were listed, with the JSON Schema of its parameters.',
      inputSchema: toolSchemas.get_workflow,
      annotations: readOnly,
    },
    ({ remediationId, workflowId, ...given }) =>
      answered(options, () =>
        catalog.getWorkflow({ remediationId, workflowId, context: contextOfArguments(given) }, nameOfAgent()),
      ),
  )
  server.registerTool(
    'validate_selection',
    {
      title: 'Validate the selection',
      description:
        'Step 4: whether the workflow that you chose may be executed with your parameters. Executes nothing.',
      inputSchema: toolSchemas.validate_selection,
      annotations: readOnly,
    },
    ({ remediationId, workflowId, parameters, ...given }) =>
      answered(options, () =>
        catalog.validateSelection(
          {
            remediationId,
            workflowId,
            context: contextOfArguments(given),
            parameters: parameters as Readonly<Record<string, Json>>,
          },
          nameOfAgent(),
        ),
      ),
  )
}

/** Where a list goes on; null on the last page. */
const pageOf = (list: object, { offset, limit, totalCount, hasMore }: Pagination) => ({
  totalCount,
  nextCursor: hasMore ? pageCursor(list, offset + limit) : null,
})

/** The answer as text and as data. What is wrong with a call is told; what is wrong here is not. */
async function answered(
  { onTrouble, answerWithinMs = 30_000 }: McpOptions,
  ask: () => Promise<object>,
): Promise<CallToolResult> {
  try {
    const answer = await within(answerWithinMs, ask())
    return {
      content: [{ type: 'text', text: JSON.stringify(answer) }],
      structuredContent: { ...answer },
    }
  } catch (error) {
    const isTheirs = error instanceof TrailError && told.has(error.code)
    if (!isTheirs) onTrouble('a call of an agent failed', error)
    const text = isTheirs ? error.message : 'the catalogue cannot be asked just now: try again later'
    return { content: [{ type: 'text', text }], isError: true }
  }
}

/** Rejects when it takes longer: a database may fall silent, and say nothing of it. */
async function within<T>(milliseconds: number, answer: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new Error(`the catalogue gave no answer within ${milliseconds} ms`)),
    milliseconds,
  )
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

/** What an agent can do something about. */
const told: ReadonlySet<string> = new Set(['invalid_input', 'invalid_cursor', 'workflow_not_available'])
