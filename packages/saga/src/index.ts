export { operatorActions, type OperatorOrder, type StepName } from './operator-order.ts'
export type { OrderedBy } from './ordered-by.ts'
export {
  createSaga,
  Saga,
  type SagaOptions,
  type StartableWorkflow,
  type StartedExecution,
  type StartOptions,
} from './saga.ts'
