export type { Once } from './decider.ts'
export { operatorActions, type OperatorOrder, type StepName } from './operator-order.ts'
export type { OrderedBy } from './ordered-by.ts'
export {
  createSaga,
  type GivenOrder,
  Saga,
  type SagaOptions,
  type StartableWorkflow,
  type StartedExecution,
  type StartOptions,
} from './saga.ts'
