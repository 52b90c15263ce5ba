export { createMcpServer, type McpOptions } from './create-mcp-server.ts'
