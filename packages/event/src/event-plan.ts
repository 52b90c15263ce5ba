import { z } from 'zod'
import { eventColumns } from './event-columns.ts'
import { columnsOfEveryEvent, type EventType, type TypedColumn } from './event-type.ts'
import { engineEntityTypes } from './event-types.ts'
import { assignedKeys } from './record.ts'

/** What a type says of its events, in the form in which it is soonest checked. */
export interface EventPlan {
  /** Columns that are set on all its events, by who gives the event. */
  readonly always: readonly TypedColumn[]
  /** Columns that are null on all its events, as far as a caller can set them. */
  readonly never: readonly TypedColumn[]
  /** Whether its schema takes any details at all. */
  readonly takesAnyDetails: boolean
  /** Whether the engine alone records it, or the trail itself. */
  readonly isOfEngine: boolean
}

const plans = new WeakMap<EventType, EventPlan>()

/** The plan of a type, made when it is first asked for. */
export function planOf(type: EventType): EventPlan {
  let plan = plans.get(type)
  if (!plan) {
    plan = {
      always: givenColumns.filter((key) => type.columns[key] === 'always'),
      never: givenColumns.filter((key) => type.columns[key] === undefined),
      takesAnyDetails: type.entityType !== 'STEP' && takesAnything(type.details),
      isOfEngine: engineEntityTypes.some((entity) => entity === type.entityType),
    }
    plans.set(type, plan)
  }
  return plan
}

const notTyped = new Set<string>([...columnsOfEveryEvent, 'status', ...assignedKeys])
const givenColumns = eventColumns
  .map(({ key }) => key)
  .filter((key): key is TypedColumn => !notTyped.has(key))

/** Whether a schema takes any object there is; in doubt it does not. */
function takesAnything(schema: z.ZodType): boolean {
  if ((schema.def.checks?.length ?? 0) > 0) return false
  if (schema instanceof z.ZodUnknown || schema instanceof z.ZodAny) return true
  return (
    schema instanceof z.ZodObject &&
    Object.keys(schema.shape).length === 0 &&
    schema.def.catchall instanceof z.ZodUnknown
  )
}
