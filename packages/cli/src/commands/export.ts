import { open } from 'node:fs/promises'
import { countEvents, type Database, type EventListRequest } from '@steptrail/core'
import { outcomes, TrailError } from '@steptrail/event'
import { type ExportFormat, exportAs, exportFormats } from '@steptrail/server'
import { type Command, Option } from 'commander'
import { type CommonFlags, withCommonOptions, withTrail, writeJson } from '../command-scope.ts'
import { operatorOf } from '../operator.ts'
import { instantOf } from '../option-values.ts'
import { withProgress } from '../progress.ts'
import { putOut, requireNoTerminal } from '../standard-output.ts'
import { drawBar } from '../terminal/bar.ts'
import { terminalOf } from '../terminal/terminal.ts'
import type { Surroundings } from '../surroundings.ts'

interface Flags extends CommonFlags {
  readonly format: ExportFormat
  readonly out?: string
  readonly since?: string
  readonly until?: string
  readonly execution?: string
  readonly correlationId?: string
  readonly workflow?: string
  readonly type?: string
  readonly service?: string
  readonly result?: (typeof outcomes)[number]
  readonly tenant?: string
}

/** `steptrail export`: events as a file, whole, and attested. */
export function addExport(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('export')
    .description(
      'Write events as CSV, NDJSON or Parquet, whole, with a trailer that attests them. It goes on record.',
    )
    .addOption(new Option('--format <format>', 'what to write').choices(exportFormats).default('csv'))
    .option('--out <file>', 'where to; it must not be there yet (default: -, standard output)')
    .option('--since <time>', 'of this time or later: ISO 8601, or an age such as 7d', instantOf)
    .option('--until <time>', 'up to this time', instantOf)
    .option('--execution <id>', 'of this execution')
    .option('--correlation-id <id>', 'with this correlation id')
    .option('--workflow <name>', 'of this workflow')
    .option('--type <type>', 'of this type')
    .option('--service <name>', 'of this service')
    .addOption(new Option('--result <result>', 'with this result').choices(outcomes))
    .option('--tenant <name>', 'of this tenant')
  withCommonOptions(command, [
    ['export --out events.csv', 'everything, for a spreadsheet'],
    ['export --format parquet --out events.parquet', 'for DuckDB, pandas or Spark'],
    ['export --format ndjson --since 30d --out october.ndjson', 'the last 30 days, an event a line'],
  ]).action(async ({ out: given, ...others }: Flags) => {
    const flags: Flags = given === undefined || given === '-' ? others : { ...others, out: given }
    if (flags.json && flags.out === undefined)
      throw new TrailError(
        'invalid_configuration',
        '--json tells what was exported, so the export needs --out FILE',
      )
    if (flags.format === 'parquet' && flags.out === undefined)
      requireNoTerminal(surroundings.stdout, 'Parquet', '--out')
    await withTrail(flags, surroundings, async (database) => {
      const target = await targetOf(flags.out, surroundings)
      try {
        const events = await write(database, target, { flags, surroundings })
        if (events === null) return
        if (flags.json) writeJson(surroundings, { file: flags.out, format: flags.format, events })
        else surroundings.stderr.write(`${events} events exported\n`)
      } finally {
        await target.close()
      }
    })
  })
}

interface Run {
  readonly flags: Flags
  readonly surroundings: Surroundings
}

/** Writes all of it, and gives the number of events; null where nobody read it to its end, which is on record, too. */
async function write(
  database: Database,
  { write: put, left }: Target,
  { flags, surroundings }: Run,
): Promise<number | null> {
  const request = requestOf(flags)
  const total = await countEvents(database, request)
  const { parts } = await exportAs({
    format: flags.format,
    request,
    reader: database,
    database,
    actor: operatorOf(surroundings),
    tenant: null,
    filters: Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined)),
  })
  const { unicode } = terminalOf(surroundings.stderr, surroundings.env)
  return await withProgress('Exporting', surroundings, async ({ say }) => {
    let exported = 0
    for await (const { chunk, events } of parts) {
      surroundings.signal.throwIfAborted()
      await put(chunk)
      if (left.aborted) return null
      exported = events
      say(`Exporting ${drawBar({ done: events, total: Math.max(events, total) }, { unicode })} events`)
    }
    return exported
  })
}

const requestOf = (flags: Flags): EventListRequest => ({
  startDate: flags.since,
  endDate: flags.until,
  executionId: flags.execution,
  correlationId: flags.correlationId,
  workflowName: flags.workflow,
  eventType: flags.type,
  serviceName: flags.service,
  result: flags.result,
  tenant: flags.tenant,
})

interface Target {
  readonly write: (chunk: string | Uint8Array) => Promise<void>
  readonly close: () => Promise<void>
  /** Aborts when nobody reads any more. */
  readonly left: AbortSignal
}

async function targetOf(file: string | undefined, surroundings: Surroundings): Promise<Target> {
  if (file === undefined) return standardOutput(surroundings)
  try {
    const handle = await open(file, 'wx')
    const { signal: left } = new AbortController()
    return { write: async (chunk) => handle.writeFile(chunk), close: () => handle.close(), left }
  } catch (error) {
    throw new TrailError(
      'invalid_configuration',
      `cannot write ${file} (${error instanceof Error ? error.message : String(error)}): give a file that is not there yet`,
      { cause: error },
    )
  }
}

function standardOutput({ stdout, onReaderGone }: Surroundings): Target {
  const leaving = new AbortController()
  onReaderGone?.(() => leaving.abort())
  const left = leaving.signal
  return { write: (chunk) => putOut(stdout, chunk, left), close: () => Promise.resolve(), left }
}
