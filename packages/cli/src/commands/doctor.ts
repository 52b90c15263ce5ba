import type { Database } from '@steptrail/core'
import type { Command } from 'commander'
import {
  type CommonFlags,
  terminalFor,
  withCommonOptions,
  withTrail,
  writeJson,
  writeLines,
} from '../command-scope.ts'
import { type Finding, findings } from '../doctor/findings.ts'
import type { Surroundings } from '../surroundings.ts'
import { printable } from '../terminal/text.ts'
import type { RunEnd } from './run-end.ts'

/** `steptrail doctor`: looks for what is wrong with the database of a trail. */
export function addDoctor(program: Command, surroundings: Surroundings, end: RunEnd): void {
  const command = program
    .command('doctor')
    .description(
      'Look for what is wrong with a trail: schema, append-only rules, roles, time limits, months, long writes, the clock.',
    )
  withCommonOptions(command, [['doctor', 'exit code 1 when something is wrong']]).action(
    async (flags: CommonFlags) => {
      await withTrail(flags, surroundings, async (database: Database) => {
        const found = await findings(database)
        if (found.some(({ state }) => state === 'wrong')) end.exitCode = 'failed'
        if (flags.json) return writeJson(surroundings, { database: database.name, findings: found })
        const { paint } = terminalFor(surroundings)
        const colours = { fine: 'green', note: 'yellow', wrong: 'red' } as const
        const line = ({ state, check, says }: Finding): string =>
          `${paint(colours[state], state.padEnd(5))} ${check}: ${printable(says)}`
        writeLines(surroundings, found.map(line))
      })
    },
  )
}
