import { createDatabaseSink, spoolDestination } from '@steptrail/core'
import { replaySpool, type ReplayCounts } from '@steptrail/recorder'
import { inspectSpool, type InspectedDirectory, openSpool } from '@steptrail/recorder/node'
import type { Command } from 'commander'
import {
  type CommonFlags,
  terminalFor,
  withCommonOptions,
  withTrail,
  writeJson,
  writeLines,
} from '../command-scope.ts'
import { withProgress } from '../progress.ts'
import { spoolDirectory, spoolDirectoryOption, type SpoolFlags } from '../spool/spool-directory.ts'
import type { Surroundings } from '../surroundings.ts'
import { counted, formatCount } from '../terminal/bytes.ts'
import { printable } from '../terminal/text.ts'
import type { RunEnd } from './run-end.ts'

interface Flags extends CommonFlags, SpoolFlags {
  readonly for?: string
}

interface Replayed {
  readonly processes: number
  readonly events: number
  readonly outcomes: ReplayCounts
  /** Places where bytes are not what was written. */
  readonly damaged: number
  /** Files that end in the middle of a record. */
  readonly torn: number
}

const nothing: Replayed = {
  processes: 0,
  events: 0,
  outcomes: { created: 0, duplicate: 0, conflict: 0, rejected: 0 },
  damaged: 0,
  torn: 0,
}

/** `steptrail spool replay`: writes what dead processes have left to the database. */
export function addSpoolReplay(spool: Command, surroundings: Surroundings, end: RunEnd): void {
  const command = spool
    .command('replay')
    .description(
      'Write what dead processes have left in a spool to the database. Done twice, it records nothing twice. What the database refuses becomes a dead letter, and the answer is no.',
    )
    .option(...spoolDirectoryOption)
    .option(
      '--for <destination>',
      'replay what was recorded for it, as `spool inspect` names it (default: this database)',
    )
  withCommonOptions(command, [
    ['spool replay', 'the spool in ./.steptrail/spool, into the embedded database'],
    ['spool replay --dir /var/lib/app/spool --database postgres://me@db.example/app', 'into a server'],
    ["spool replay --for 'db.internal:5432/app steptrail'", 'what was recorded for it under another name'],
    ['spool inspect', 'what is left after it'],
  ]).action(async (flags: Flags) => {
    const directory = spoolDirectory(flags, surroundings.env)
    const found = (await inspectSpool({ directory })) ?? []
    const isNeeded = found.some(({ owner, events }) => !owner.isAlive && events > 0)
    const replayed = isNeeded ? await replay(directory, flags, surroundings) : nothing
    const left = isNeeded ? ((await inspectSpool({ directory })) ?? []) : found
    const waiting = left.filter(
      ({ events, owner, destination }) => events > 0 && (owner.isAlive || destination !== null),
    )
    if (replayed.outcomes.conflict + replayed.outcomes.rejected + replayed.damaged > 0)
      end.exitCode = 'failed'
    if (flags.json) return writeJson(surroundings, { directory, ...replayed, leftAlone: waiting })
    writeLines(surroundings, [...told(directory, replayed, surroundings), ...waiting.map(leftAlone)])
  })
}

/** The database is opened first: without it, the spool stays as it is. */
const replay = (directory: string, flags: Flags, surroundings: Surroundings): Promise<Replayed> =>
  withTrail(flags, surroundings, async (database) => {
    const { signal } = surroundings
    const destination = flags.for ?? spoolDestination(database)
    await using spool = await openSpool({ directory, destination, adoptEveryMs: 0, logger: silent })
    const { events, adopted: processes } = spool
    const outcomes = await withProgress(`Replaying ${counted(events, 'event')}`, surroundings, (progress) =>
      replaySpool({
        spool,
        sink: createDatabaseSink(database),
        signal,
        onProgress: (counts) =>
          progress.say(`Replaying: ${formatCount(total(counts))} of ${counted(events, 'event')}`),
      }),
    )
    signal.throwIfAborted()
    return { processes, events, outcomes, damaged: spool.damaged, torn: spool.torn }
  })

/** What the spool has to tell is in the result. */
const silent = { warn: () => undefined, error: () => undefined }

const total = (counts: ReplayCounts): number => Object.values(counts).reduce((sum, count) => sum + count, 0)

function told(directory: string, replayed: Replayed, surroundings: Surroundings): readonly string[] {
  const { paint } = terminalFor(surroundings)
  const { processes, events, outcomes, damaged, torn } = replayed
  if (processes === 0) return [`There is nothing to replay in ${directory}.`]
  const { created, duplicate, conflict, rejected } = outcomes
  const line = (count: number, word: string, meaning: string): readonly string[] =>
    count === 0 ? [] : [`  ${formatCount(count).padStart(width)} ${word.padEnd(9)} ${paint('dim', meaning)}`]
  const width = Math.max(...Object.values(outcomes).map((count) => formatCount(count).length))
  const dead = counted(processes, 'dead process', 'dead processes')
  return [
    `Replayed ${counted(events, 'event')} of ${dead} from ${directory}:`,
    ...line(created, 'created', 'now on record'),
    ...line(duplicate, 'duplicate', 'on record already, with the same content'),
    ...line(conflict, 'conflict', 'other content is on record under its id; now a dead letter'),
    ...line(rejected, 'rejected', 'refused by the database for good; now a dead letter'),
    ...(damaged > 0
      ? [
          `${paint('red', 'damaged')} at ${counted(damaged, 'place')}; the files are kept: \`steptrail spool inspect\``,
        ]
      : []),
    ...(torn > 0
      ? [
          paint(
            'dim',
            `${counted(torn, 'file')} ended in the middle of a record, which nobody was told is safe`,
          ),
        ]
      : []),
  ]
}

const leftAlone = ({ process, owner, events, destination }: InspectedDirectory): string => {
  const what = `Left alone: ${counted(events, 'event')} of process ${process.pid}, `
  if (owner.isAlive) return `${what}which is alive and replays them itself.`
  return printable(`${what}recorded for ${destination}; here by \`--for '${destination}'\`.`)
}
