import { TrailError } from '@steptrail/event'
import { checkServiceName } from './check-start.ts'
import { operatorActions } from './operator-order.ts'
import type { SagaOptions } from './saga.ts'

const known: Readonly<Record<keyof SagaOptions, true>> = {
  serviceName: true,
  redaction: true,
  holdsClock: true,
  secondPersonFor: true,
  effectiveness: true,
  clock: true,
  random: true,
  onTrouble: true,
}

/**
 * Checks the options of a runtime, for callers without types: what is misspelt would be ignored in silence, and an order
 * that needs a second person would be carried out without one.
 *
 * @throws TrailError `invalid_configuration`
 */
export function checkSagaOptions({ serviceName, secondPersonFor = [], ...rest }: SagaOptions): void {
  if (serviceName !== undefined) checkServiceName(serviceName)
  const unknown = Object.keys(rest).find((option) => !Object.hasOwn(known, option))
  if (unknown !== undefined)
    throw new TrailError(
      'invalid_configuration',
      `a saga runtime has no option ${unknown}: remove it, or correct its name (${Object.keys(known).join(', ')})`,
      { details: { option: unknown } },
    )
  const noOrder = secondPersonFor.find((action) => !operatorActions.includes(action))
  if (noOrder !== undefined)
    throw new TrailError(
      'invalid_configuration',
      `secondPersonFor names ${JSON.stringify(noOrder)}: give actions among ${operatorActions.join(', ')}`,
      { details: { option: 'secondPersonFor', value: noOrder } },
    )
}
