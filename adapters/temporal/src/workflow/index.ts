export { interceptors, type SteptrailSinks } from './workflow-interceptors.ts'
