import { operationTypes, TrailError } from '@steptrail/event'
import { z } from 'zod'
import type { OperatorOrder } from './operator-order.ts'

const step = z.string()
const operation = z.enum(operationTypes).optional()

const orders = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('retry'), step, operation }),
  z.strictObject({ action: z.literal('skip'), step, operation }),
  z.strictObject({ action: z.literal('resolve'), step, operation, output: z.unknown().optional() }),
  z
    .strictObject({
      action: z.literal('adjust'),
      step,
      operation,
      timeoutMs: z.number().optional(),
      maxRetries: z.number().optional(),
    })
    .refine(
      ({ timeoutMs, maxRetries }) => (timeoutMs === undefined) !== (maxRetries === undefined),
      'give one of timeoutMs and maxRetries',
    ),
  z.strictObject({ action: z.literal('pause') }),
  z.strictObject({ action: z.literal('resume') }),
  z.strictObject({ action: z.literal('cancel'), rollback: z.boolean().optional() }),
  z.strictObject({ action: z.literal('retry-rollback') }),
]) satisfies z.ZodType<{ readonly action: OperatorOrder['action'] }>

/**
 * Holds an order against its type, for callers without types: what is misspelt would be ignored in silence.
 *
 * @throws TrailError `order_refused`
 */
export function checkOrder(order: OperatorOrder): void {
  const { error } = orders.safeParse(order)
  if (!error) return
  const problem = error.issues
    .map(({ path, message }) => [...path.map(String), message].join(': '))
    .join('; ')
  throw new TrailError('order_refused', `There is no such order: ${problem}. Nothing was changed.`, {
    details: { order },
  })
}
