export { operatorActions, type OperatorOrder, type OrderedBy, type StepName } from './operator-order.ts'
export {
  createSaga,
  Saga,
  type SagaOptions,
  type StartableWorkflow,
  type StartedExecution,
  type StartOptions,
} from './saga.ts'
