export type { ConnectionOptions } from './connection/connection-options.ts'
export { createHttpSink } from './recording/http-sink.ts'
