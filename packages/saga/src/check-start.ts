import { auditEventSchema, TrailError } from '@steptrail/event'
import { defaultEffectiveness, type EffectivenessParameters } from '@steptrail/workflow'
import { z } from 'zod'
import type { StartOptions } from './saga.ts'

const { correlationId, actorType, actorId, tenant, serviceName } = auditEventSchema.shape

const actor = z.strictObject({ type: actorType.unwrap(), id: actorId.unwrap() }, 'is not { type, id }')

const startOptions = z.strictObject({
  // As long as a correlation id may be: a key that is much longer fits no index.
  idempotencyKey: correlationId.unwrap().optional(),
  correlationId: correlationId.unwrap().optional(),
  actor: actor.optional(),
  givenActor: actor.optional(),
  tenant: tenant.optional(),
})

/**
 * Checks what a start is given beside the workflow and its input, by the rules of the columns it goes to.
 *
 * @throws TrailError `invalid_input` naming the option and what is wrong with it
 */
export function checkStartOptions(options: StartOptions): void {
  const { error } = startOptions.safeParse(options)
  if (!error) return
  const problems = error.issues.map(({ path, message }) => [path.join('.'), message].join(' ').trim())
  throw new TrailError(
    'invalid_input',
    `The options of the start are refused: ${problems.join('; ')}. Nothing was changed.`,
    { details: { problems } },
  )
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

const penalty = z.number().min(0).max(1)
const effectivenessSchema = z.strictObject({ retryPenalty: penalty, rollbackPenalty: penalty })

/**
 * What effectiveness is calculated with, by default or as given.
 *
 * @throws TrailError `invalid_configuration` unless both penalties lie between 0 and 1
 */
export function checkedEffectiveness(given: EffectivenessParameters | undefined): EffectivenessParameters {
  if (given === undefined) return defaultEffectiveness
  if (effectivenessSchema.safeParse(given).success) return given
  throw new TrailError(
    'invalid_configuration',
    `effectiveness is ${JSON.stringify(given)}: give retryPenalty and rollbackPenalty, each from 0 to 1`,
    { details: { option: 'effectiveness', value: given } },
  )
}
