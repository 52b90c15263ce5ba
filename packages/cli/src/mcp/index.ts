export { type AgentCatalog, catalogInDatabase, catalogOfServer } from './agent-catalog.ts'
export { createMcpServer, type McpOptions } from './create-mcp-server.ts'
