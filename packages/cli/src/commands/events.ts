import {
  type Database,
  type EventFilter,
  type EventListRequest,
  type EventPage,
  follow,
  listEvents,
} from '@steptrail/core'
import type { FollowEventsOptions } from '@steptrail/client'
import {
  type AuditEvent,
  operationTypes,
  outcomes,
  severities,
  toEventJson,
  TrailError,
} from '@steptrail/event'
import { type Command, Option } from 'commander'
import {
  type CommonFlags,
  terminalFor,
  withCommonOptions,
  withTrail,
  writeJson,
  writeLines,
} from '../command-scope.ts'
import { instantOf, wholeNumber } from '../option-values.ts'
import type { Surroundings } from '../surroundings.ts'
import { terminalOf } from '../terminal/terminal.ts'
import { type FollowedServer, followServer } from './follow-server.ts'
import { EventStream } from '../timeline/event-stream.ts'

interface Flags extends CommonFlags {
  readonly follow?: boolean
  readonly server?: string
  readonly execution?: string
  readonly correlationId?: string
  readonly workflow?: string
  readonly step?: string
  readonly operation?: (typeof operationTypes)[number]
  readonly type?: string
  readonly service?: string
  readonly result?: (typeof outcomes)[number]
  readonly severity?: (typeof severities)[number]
  readonly tenant?: string
  readonly search?: string
  readonly since?: string
  readonly until?: string
  readonly order?: 'asc' | 'desc'
  readonly limit: number
  readonly cursor?: string
}

/** `steptrail events`: what is on record, and with `--follow` what comes. */
export function addEvents(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('events')
    .description('Show events: the latest, or with --follow those to come, until interrupted.')
    .option('-f, --follow', 'go on with events as they are committed; with --json one event a line')
    .addOption(
      new Option(
        '--server <url>',
        'with --follow: of this server, over HTTP, with the key in $STEPTRAIL_API_KEY',
      ).conflicts(['database', 'dataDir', 'schema']),
    )
    .option('--execution <id>', 'of this execution')
    .option('--correlation-id <id>', 'with this correlation id')
    .option('--workflow <name>', 'of this workflow')
    .option('--step <name>', 'of this step')
    .addOption(new Option('--operation <operation>', 'of DO or of UNDO').choices(operationTypes))
    .option('--type <type>', 'of this type, such as STEP_FAILED')
    .option('--service <name>', 'of this service')
    .addOption(new Option('--result <result>', 'with this result').choices(outcomes))
    .addOption(new Option('--severity <severity>', 'of this severity').choices(severities))
    .option('--tenant <name>', 'of this tenant')
    .option('--search <text>', 'with this text in any field; needs --since, unless following')
    .option('--since <time>', 'of this time or later: ISO 8601, or an age such as 30m, 12h, 7d', instantOf)
    .addOption(new Option('--until <time>', 'up to this time').argParser(instantOf).conflicts('follow'))
    .addOption(
      new Option('--order <order>', 'by time (default: desc, and asc with --execution)')
        .choices(['asc', 'desc'])
        .conflicts('follow'),
    )
    .option('--limit <number>', 'at most so many, 1 to 1000; not when following', wholeNumber, 50)
    .option('--cursor <cursor>', 'go on after this cursor')
  withCommonOptions(command, [
    ['events', 'the last 50'],
    ['events --execution 0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11', 'of one execution, in order'],
    ['events --type STEP_FAILED --since 24h', 'failures since yesterday'],
    ['events --follow --json | jq .eventType', 'as they come, for a program'],
    ['events --follow --server https://trail.example', 'without access to the database'],
  ]).action(async (flags: Flags) => {
    if (flags.server !== undefined) return await followServer(serverOf(flags, flags.server), surroundings)
    await (flags.follow ? followEvents(flags, surroundings) : showEvents(flags, surroundings))
  })
}

function serverOf(flags: Flags, url: string): FollowedServer {
  if (!flags.follow)
    throw new TrailError(
      'invalid_configuration',
      '--server is for --follow: add it, or ask the server itself for lists, as its /docs show',
    )
  const query: FollowEventsOptions = {
    from: flags.cursor ?? flags.since,
    execution_id: flags.execution,
    correlation_id: flags.correlationId,
    workflow_name: flags.workflow,
    step_name: flags.step,
    operation: flags.operation,
    event_type: flags.type,
    source: flags.service,
    result: flags.result,
    severity: flags.severity,
    tenant: flags.tenant,
    q: flags.search,
  }
  return { url, query, asJson: flags.json === true }
}

async function showEvents(flags: Flags, surroundings: Surroundings): Promise<void> {
  const { since: startDate, until: endDate, limit, cursor } = flags
  const order = flags.order ?? (flags.execution === undefined ? 'desc' : 'asc')
  const request = { ...filterOf(flags), startDate, endDate, order, limit, cursor }
  await withTrail(flags, surroundings, async (database) => {
    const { items, nextCursor } = await fullPage(database, request)
    if (flags.json) return writeJson(surroundings, { events: items.map(toEventJson), nextCursor })
    const stream = new EventStream(terminalFor(surroundings))
    if (items.length === 0) writeLines(surroundings, ['No event matches.'])
    writeLines(
      surroundings,
      items.flatMap((event) => stream.lines(event)),
    )
    if (nextCursor !== null) writeLines(surroundings, ['', `There are more: --cursor ${nextCursor}`])
  })
}

/** A page of a search may end before it is full: those behind it are read until it is. */
async function fullPage(
  database: Database,
  request: EventListRequest & { readonly limit: number },
): Promise<EventPage> {
  const { limit } = request
  const items: AuditEvent[] = []
  let nextCursor = request.cursor ?? null
  do {
    const cursor = nextCursor ?? undefined
    const page = await listEvents(database, { ...request, limit: limit - items.length, cursor })
    items.push(...page.items)
    nextCursor = page.nextCursor
  } while (nextCursor !== null && items.length < limit)
  return { items, nextCursor }
}

async function followEvents(flags: Flags, surroundings: Surroundings): Promise<void> {
  const { since, cursor, json } = flags
  const { stderr, stdout, signal, env } = surroundings
  const warn = (text: string): unknown => stderr.write(`${terminalOf(stderr, env).paint('yellow', text)}\n`)
  await withTrail(flags, surroundings, async (database) => {
    const stream = new EventStream(terminalFor(surroundings))
    const batches = follow(database, {
      from: cursor ?? (since === undefined ? 'now' : { time: since }),
      filter: filterOf(flags),
      signal,
      onTrouble: ({ retryInMs }) => warn(`the database cannot be reached; trying again in ${retryInMs} ms`),
    })
    let last: string | null = null
    for await (const batch of batches) {
      for (const event of batch.events) {
        if (json) stdout.write(`${JSON.stringify(toEventJson(event))}\n`)
        else writeLines(surroundings, stream.lines(event))
      }
      last = batch.cursor
    }
    if (last !== null) warn(`to go on from here: --cursor ${last}`)
  })
}

function filterOf(flags: Flags): EventFilter {
  return {
    executionId: flags.execution,
    correlationId: flags.correlationId,
    workflowName: flags.workflow,
    stepName: flags.step,
    operation: flags.operation,
    eventType: flags.type,
    serviceName: flags.service,
    result: flags.result,
    severity: flags.severity,
    tenant: flags.tenant,
    q: flags.search,
  }
}
