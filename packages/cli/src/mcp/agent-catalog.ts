import type {
  ActionList,
  Discovery,
  DiscoveryCaller,
  GetWorkflowRequest,
  ListWorkflowsRequest,
  PagedRequest,
  SelectionValidation,
  ValidateSelectionRequest,
  WorkflowDetails,
  WorkflowList,
} from '@steptrail/catalog'
import type { DiscoveryApi } from '@steptrail/client'

/** The four calls that an agent has, wherever the catalogue is. Each leaves one event, which names the agent. */
export interface AgentCatalog {
  readonly listActions: (request: PagedRequest, agent: string) => Promise<ActionList>
  readonly listWorkflows: (request: ListWorkflowsRequest, agent: string) => Promise<WorkflowList>
  readonly getWorkflow: (request: GetWorkflowRequest, agent: string) => Promise<WorkflowDetails>
  readonly validateSelection: (
    request: ValidateSelectionRequest,
    agent: string,
  ) => Promise<SelectionValidation>
}

/** The catalogue of a tenant in the database. */
export function catalogInDatabase(discovery: Discovery, tenant: string): AgentCatalog {
  const caller = (agent: string): DiscoveryCaller => ({ actor: { type: 'agent', id: agent }, tenant })
  return {
    listActions: (request, agent) => discovery.listActions(request, caller(agent)),
    listWorkflows: (request, agent) => discovery.listWorkflows(request, caller(agent)),
    getWorkflow: (request, agent) => discovery.getWorkflow(request, caller(agent)),
    validateSelection: (request, agent) => discovery.validateSelection(request, caller(agent)),
  }
}

/** The catalogue of a server, over HTTP: whose it is and who asks is what its key says, and not what the agent does. */
export const catalogOfServer = (api: DiscoveryApi): AgentCatalog => ({
  listActions: (request) => api.listActions(said(request)),
  listWorkflows: (request) => api.listWorkflows(said(request)),
  getWorkflow: async (request) => {
    const { parameters, ...others } = await api.getWorkflow(said(request))
    return { ...others, parameters: parameters as WorkflowDetails['parameters'] }
  },
  validateSelection: (request) => api.validateSelection(said(request)),
})

const said = <Request extends PagedRequest>(request: Request) => ({
  ...request,
  context: request.context ?? {},
})
