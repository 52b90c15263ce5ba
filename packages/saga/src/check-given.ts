import { auditEventSchema, TrailError } from '@steptrail/event'
import { z } from 'zod'
import { operatorActions, type OperatorOrder, type OrderedBy } from './operator-order.ts'
import type { StartOptions } from './saga.ts'

const { correlationId, actorType, actorId, reason, tenant, serviceName } = auditEventSchema.shape

const actorWith = (id: z.ZodType) => z.strictObject({ type: actorType.unwrap(), id }, 'is not { type, id }')

const startOptions = z.strictObject({
  // As long as a correlation id may be: a key that is much longer fits no index.
  idempotencyKey: correlationId.unwrap().optional(),
  correlationId: correlationId.unwrap().optional(),
  actor: actorWith(actorId.unwrap()).optional(),
  tenant: tenant.optional(),
})

/**
 * Checks what a start is given beside the workflow and its input, by the rules of the columns it goes to.
 *
 * @throws TrailError `invalid_input` naming the option and what is wrong with it
 */
export function checkStartOptions(options: StartOptions): void {
  check(startOptions, options, 'The options of the start are refused')
}

const order = z.looseObject(
  { action: z.enum(operatorActions, `is not one of ${operatorActions.join(', ')}`) },
  'it is not an object',
)

/** Nobody is for `checkOrderedBy` to refuse, which says that an order needs somebody. */
const actorIdOrNobody = z.string('is not text').superRefine((id, context) => {
  const [issue] = (id.trim() === '' ? undefined : actorId.safeParse(id).error)?.issues ?? []
  if (issue) context.addIssue(issue.message)
})
const orderedBy = z.looseObject({
  actor: actorWith(actorIdOrNobody),
  reason: reason.unwrap(),
  approvedBy: actorWith(actorId.unwrap()).optional(),
})

/**
 * Checks that an order is one there is, and that who gives it and why can go on record, which is not to say that
 * they were given: see `checkOrderedBy`.
 *
 * @throws TrailError `invalid_input`
 */
export function checkOrder(given: OperatorOrder, by: OrderedBy): void {
  check(order, given, 'The order is refused')
  check(orderedBy, by, `${given.action} is refused`)
}

/**
 * Checks the name under which a runtime records.
 *
 * @throws TrailError `invalid_configuration`
 */
export function checkServiceName(name: string): void {
  const [issue] = serviceName.unwrap().safeParse(name).error?.issues ?? []
  if (!issue) return
  throw new TrailError(
    'invalid_configuration',
    `serviceName is ${JSON.stringify(name)}: it ${issue.message}`,
    {
      details: { option: 'serviceName', value: name },
    },
  )
}

function check(schema: z.ZodType, given: unknown, what: string): void {
  const { error } = schema.safeParse(given)
  if (!error) return
  const problems = error.issues.map(({ path, message }) => [path.join('.'), message].join(' ').trim())
  throw new TrailError('invalid_input', `${what}: ${problems.join('; ')}. Nothing was changed.`, {
    details: { problems },
  })
}
