import { inspectSpool, type InspectedDirectory } from '@steptrail/recorder/node'
import type { Command } from 'commander'
import { terminalFor, withExamples, writeJson, writeLines } from '../command-scope.ts'
import { drawInspection } from '../spool/draw-inspection.ts'
import { drawSpooled, type SpooledEvent, spooledEvent } from '../spool/draw-spooled.ts'
import { spoolDirectory, spoolDirectoryOption, type SpoolFlags } from '../spool/spool-directory.ts'
import type { Surroundings } from '../surroundings.ts'

interface Flags extends SpoolFlags {
  readonly json?: boolean
  readonly events?: boolean
}

/** `steptrail spool inspect`: what waits in a spool. */
export function addSpoolInspect(spool: Command, surroundings: Surroundings): void {
  const command = spool
    .command('inspect')
    .description('Look into a spool: what waits, whose it is, what is damaged. Changes nothing.')
    .option(...spoolDirectoryOption)
    .option('--events', 'list the events that wait')
    .option('--json', 'print one JSON document and nothing else')
  withExamples(command, [
    ['spool inspect', 'the spool in ./.steptrail/spool'],
    ['spool inspect --dir /var/lib/app/spool --events', 'another, with its events'],
    ['spool inspect --json', 'for a program'],
  ]).action(async (flags: Flags) => {
    const directory = spoolDirectory(flags, surroundings.env)
    const waiting: SpooledEvent[] = []
    const onEvent = flags.events && {
      onEvent: (event: Parameters<typeof spooledEvent>[0]) => void waiting.push(spooledEvent(event)),
    }
    const inspected = await inspectSpool({ directory, ...onEvent })
    if (flags.json) {
      const document = { directory, ...totals(inspected ?? []), processes: inspected ?? [] }
      return writeJson(surroundings, flags.events ? { ...document, waiting } : document)
    }
    const terminal = terminalFor(surroundings)
    if (inspected === undefined) return writeLines(surroundings, [`There is no spool in ${directory}.`])
    writeLines(surroundings, drawInspection(directory, inspected, terminal))
    if (waiting.length > 0) writeLines(surroundings, ['', ...drawSpooled(waiting, terminal)])
  })
}

const totals = (
  inspected: readonly InspectedDirectory[],
): Pick<InspectedDirectory, 'events' | 'bytes' | 'deadLetters' | 'unreadableDeadLetters'> => ({
  events: inspected.reduce((sum, { events }) => sum + events, 0),
  bytes: inspected.reduce((sum, { bytes }) => sum + bytes, 0),
  deadLetters: inspected.reduce((sum, { deadLetters }) => sum + deadLetters, 0),
  unreadableDeadLetters: inspected.reduce((sum, each) => sum + each.unreadableDeadLetters, 0),
})
