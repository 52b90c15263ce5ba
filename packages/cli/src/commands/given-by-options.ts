import type { GivenBy } from '@steptrail/core'
import { type Actor, actorTypes } from '@steptrail/event'
import { type Command, Option } from 'commander'
import { actorOf } from '../option-values.ts'

/** Flags that say who gives an order and why. */
export interface GivenByFlags {
  readonly actor: Actor
  readonly reason: string
}

/** Adds the options that say who and why; both are required, and stay on record. */
export const withGivenBy = (command: Command): Command =>
  command
    .addOption(
      new Option('--actor <type:id>', `who orders it, such as user:anna; types: ${actorTypes.join(', ')}`)
        .argParser(actorOf)
        .makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'why, for those who read it later')

/** Who and why, of the flags. */
export const givenBy = ({ actor, reason }: GivenByFlags): GivenBy => ({ actor, reason })
