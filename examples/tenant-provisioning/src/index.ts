export type { Check } from './check.ts'
export {
  type Progress,
  type ProvisioningOptions,
  type ProvisioningReport,
  provisionTenants,
} from './provision-tenants.ts'
export type { Played } from './played.ts'
export type { Scenario } from './scenarios/scenario.ts'
export { provisionTenant } from './workflow.ts'
export { startWorkers } from './workers/start-workers.ts'
export { services } from './workers/worker-of.ts'
