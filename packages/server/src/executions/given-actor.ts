import type { Actor } from '@steptrail/event'
import type { Principal } from '../access/principal.ts'

/** Who does it on record, and beside it who was named instead, if anybody was. */
export interface NamedActor {
  readonly actor: Actor | undefined
  readonly givenActor: Actor | undefined
}

/** The principal, whatever was named; where nobody is asked who they are, who was named. */
export function actorOfRequest({ actor }: Principal, named: Actor | undefined): NamedActor {
  if (!actor) return { actor: named, givenActor: undefined }
  const isOther = named !== undefined && !(named.type === actor.type && named.id === actor.id)
  return { actor, givenActor: isOther ? named : undefined }
}
