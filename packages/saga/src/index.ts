export {
  createSaga,
  Saga,
  type SagaOptions,
  type StartableWorkflow,
  type StartedExecution,
  type StartOptions,
} from './saga.ts'
