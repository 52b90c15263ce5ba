export { temporalCapabilities } from './capabilities.ts'
