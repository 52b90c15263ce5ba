export { createNodeClient, type NodeClientOptions, type NodeRecorderSettings } from './node/node-client.ts'
