import { type Hold, listHolds, placeHold, releaseHold } from '@steptrail/core'
import type { Command } from 'commander'
import {
  type CommonFlags,
  terminalFor,
  withCommonOptions,
  withTrail,
  writeJson,
  writeLines,
} from '../command-scope.ts'
import { instantOf } from '../option-values.ts'
import type { Surroundings } from '../surroundings.ts'
import { drawTable } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { givenBy, type GivenByFlags, withGivenBy } from './given-by-options.ts'

interface PlaceFlags extends CommonFlags, GivenByFlags {
  readonly execution?: string
  readonly correlationId?: string
  readonly workflow?: string
  readonly causedBy?: string
  readonly from?: string
  readonly until?: string
  readonly tenant?: string
}

/** `steptrail hold`: orders not to delete. */
export function addHold(program: Command, surroundings: Surroundings): void {
  const hold = program.command('hold').description('Order that what matches is not deleted.')
  addPlace(hold, surroundings)
  addRelease(hold, surroundings)
  addList(hold, surroundings)
}

function addPlace(hold: Command, surroundings: Surroundings): void {
  const command = withGivenBy(
    hold
      .command('place')
      .description('Hold what matches all that is given, also what is recorded later, until it is released.')
      .option('--execution <id>', 'this execution')
      .option('--correlation-id <id>', 'what has this correlation id')
      .option('--workflow <name>', 'executions of this workflow')
      .option('--caused-by <id>', 'what the actor of this id caused')
      .option('--from <time>', 'what happened at this time or later', instantOf)
      .option('--until <time>', 'what happened before this time', instantOf)
      .option('--tenant <name>', "what is this tenant's"),
  )
  withCommonOptions(command, [
    [
      'hold place --correlation-id order-acme-1 --actor user:anna --reason "the audit of spring"',
      'everything that belongs to one cause',
    ],
  ]).action(async (flags: PlaceFlags) => {
    const match = {
      executionId: flags.execution,
      correlationId: flags.correlationId,
      workflow: flags.workflow,
      actor: flags.causedBy,
      from: flags.from,
      until: flags.until,
      tenant: flags.tenant,
    }
    await withTrail(flags, surroundings, async (database) => {
      const holdId = await placeHold(database, match, givenBy(flags))
      if (flags.json) return writeJson(surroundings, { holdId })
      return writeLines(surroundings, [`Held, until it is released: ${holdId}`])
    })
  })
}

function addRelease(hold: Command, surroundings: Surroundings): void {
  const command = withGivenBy(
    hold.command('release').description('Release a hold.').argument('<hold>', 'its id'),
  )
  withCommonOptions(command, [
    [
      'hold release 0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11 --actor user:anna --reason "the audit is over"',
      'retention may take it again',
    ],
  ]).action(async (holdId: string, flags: CommonFlags & GivenByFlags) => {
    await withTrail(flags, surroundings, async (database) => {
      await releaseHold(database, holdId, givenBy(flags))
      if (flags.json) return writeJson(surroundings, { holdId })
      return writeLines(surroundings, [`Released: ${holdId}`])
    })
  })
}

function addList(hold: Command, surroundings: Surroundings): void {
  const command = hold
    .command('list')
    .description('List the holds that stand.')
    .option('--all', 'those that were released as well')
  withCommonOptions(command, [['hold list', 'what may not be deleted, and why']]).action(
    async (flags: CommonFlags & { readonly all?: boolean }) => {
      await withTrail(flags, surroundings, async (database) => {
        const holds = (await listHolds(database)).filter(({ released }) => flags.all || released === null)
        if (flags.json) return writeJson(surroundings, { holds })
        return writeLines(surroundings, listed(holds, terminalFor(surroundings)))
      })
    },
  )
}

function listed(holds: readonly Hold[], terminal: Terminal): readonly string[] {
  if (holds.length === 0) return ['Nothing is held.']
  return drawTable(
    [
      { title: 'hold' },
      { title: 'what', gives: 1, least: 20 },
      { title: 'by' },
      { title: 'reason', gives: 2, least: 12 },
      { title: 'released', gives: 3, least: 8 },
    ],
    holds.map(({ holdId, match, placedBy, reason, released }) => [
      { text: holdId },
      {
        text: Object.entries(match)
          .map(([name, value]) => `${name} ${value}`)
          .join(', '),
      },
      { text: `${placedBy.type}:${placedBy.id}` },
      { text: reason },
      { text: released ? `${released.at.slice(0, 10)} ${released.reason}` : '' },
    ]),
    terminal,
  )
}
