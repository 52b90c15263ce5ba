export { createServer, type Server } from './create-server.ts'
export type { OpenApiDocument } from './documents/openapi.ts'
export { defaultHost, defaultPort, type Listening, type ListenOptions } from './listen.ts'
export type { ServerOptions } from './server-options.ts'
