export { createServer, type Server } from './create-server.ts'
export type { OpenApiDocument } from './documents/openapi.ts'
export {
  exportAs,
  type ExportedEvents,
  type ExportedPart,
  type ExportFormat,
  exportFormats,
  type ExportOptions,
} from './events/exported-events.ts'
export { defaultHost, defaultPort, type Listening, type ListenOptions } from './listen.ts'
export { type RunningIngester, type ServerRole, serverRoles } from './operation/roles.ts'
export { lacksFor, type RoleLack } from './operation/role-rights.ts'
export type { ServerOptions } from './server-options.ts'
