export { createServer, type Server } from './create-server.ts'
export type { OpenApiDocument } from './documents/openapi.ts'
export {
  type ExportedText,
  type ExportFormat,
  exportFormats,
  type ExportOptions,
  exportText,
} from './events/exported-text.ts'
export { defaultHost, defaultPort, type Listening, type ListenOptions } from './listen.ts'
export type { ServerOptions } from './server-options.ts'
