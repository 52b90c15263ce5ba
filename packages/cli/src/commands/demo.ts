import { type Database, migrate } from '@steptrail/core'
import { toEventJson } from '@steptrail/event'
import { type ProvisioningReport, provisionTenants } from '@steptrail/example-tenant-provisioning'
import { defaultHost, defaultPort } from '@steptrail/server'
import { type Command, Option } from 'commander'
import {
  type CommonFlags,
  terminalFor,
  withCommonOptions,
  withDatabase,
  writeJson,
  writeLines,
} from '../command-scope.ts'
import { bringToLife } from '../demo/demo-life.ts'
import { LiveFeed } from '../demo/live-feed.ts'
import { LiveStory } from '../demo/live-story.ts'
import { drawSummary } from '../demo/summary.ts'
import { type ExecutionRecord, readExecution, timelineOfRecord } from '../execution-record.ts'
import { wholeNumber } from '../option-values.ts'
import { withProgress } from '../progress.ts'
import { type LogFlags, logDirectoryOption } from '../log/log-settings.ts'
import { serveTrail, servingAt } from '../serve-trail.ts'
import { listenSettings } from '../server-settings.ts'
import type { DatabaseChoice } from '../settings.ts'
import type { Surroundings } from '../surroundings.ts'
import { drawTimeline } from '../timeline/draw.ts'
import type { RunEnd } from './run-end.ts'

/** `steptrail demo`: runs real workflows, and shows what the trail makes of them. */
export function addDemo(program: Command, surroundings: Surroundings, end: RunEnd): void {
  const command = program
    .command('demo')
    .description(
      'Run real workflows to their end, and show the trail they leave: steps, retries, a rollback, a lost worker.',
    )
    .addOption(
      new Option(
        '--serve',
        'then serve the trail and its pages until interrupted, with more data and something going on',
      ).conflicts('json'),
    )
    .option(
      '--host <address>',
      `where to listen with --serve (default: $STEPTRAIL_HOST, else ${defaultHost})`,
    )
    .option(
      '--port <number>',
      `its port; 0 for any (default: $STEPTRAIL_PORT, else ${defaultPort})`,
      wholeNumber,
    )
    .option(...logDirectoryOption)
  withCommonOptions(command, [
    ['demo', 'on the embedded database in ./.steptrail'],
    ['demo --serve', 'and look at it in a browser'],
    ['demo --database postgres://me@localhost/app', 'on PostgreSQL, with a process for each worker'],
    ['demo --json | jq .checks', 'for a program'],
  ]).action(async (flags: Flags) => {
    const where = listenSettings(flags, surroundings.env)
    const serving = flags.serve === true ? { serving: servingAt(where) } : {}
    await withDatabase({ ...flags, ...serving }, surroundings, async (database, choice) => {
      await withProgress('Migrating', surroundings, () => migrate(database))
      const report = flags.json
        ? await playSilently({ database, choice, surroundings })
        : await play({ database, choice, surroundings }, nextCommands(flags))
      if (!report.checks.every(({ passed }) => passed)) end.exitCode = 'failed'
      if (flags.serve === true)
        await serveTrail({
          database,
          where,
          surroundings,
          asJson: false,
          logFlags: flags,
          beside: bringToLife,
        })
    })
  })
}

interface Flags extends CommonFlags, LogFlags {
  readonly serve?: boolean
  readonly host?: string
  readonly port?: number
}

interface Stage {
  readonly database: Database
  readonly choice: DatabaseChoice
  readonly surroundings: Surroundings
}

async function playSilently({ database, choice: { url }, surroundings }: Stage): Promise<ProvisioningReport> {
  const report = await provisionTenants({ database, url, signal: surroundings.signal })
  const records = await recordsOf(database, report)
  const executions = report.played.map(({ scenario: { title, story }, tenant, execution }) => ({
    title,
    story,
    provisionedTenant: tenant,
    ...execution,
    events: records.get(execution.executionId)?.events.map(toEventJson) ?? [],
  }))
  writeJson(surroundings, { database: database.name, executions, checks: report.checks })
  return report
}

async function play(
  { database, choice: { url }, surroundings }: Stage,
  next: NextCommands,
): Promise<ProvisioningReport> {
  const terminal = terminalFor(surroundings)
  const write = (lines: readonly string[]): void => writeLines(surroundings, lines)
  write([`${terminal.paint('bold', 'Steptrail demo')}: tenants are provisioned in ${database.name}.`])
  const story = new LiveStory(terminal, write)
  await using feed = await LiveFeed.open(database, (event) => story.event(event))
  const report = await provisionTenants({
    database,
    url,
    signal: surroundings.signal,
    onProgress: async (progress) => {
      if ('executionId' in progress && progress.executionId !== null)
        await feed.caughtUpWith(progress.executionId)
      story.progress(progress)
    },
  })
  const records = await recordsOf(database, report)
  for (const record of records.values())
    write(['', ...drawTimeline(timelineOfRecord(record, Date.now()), terminal)])
  write(['', ...drawSummary(report, records, terminal), '', ...next(report)])
  return report
}

async function recordsOf(
  database: Database,
  { played }: ProvisioningReport,
): Promise<ReadonlyMap<string, ExecutionRecord>> {
  const records = new Map<string, ExecutionRecord>()
  for (const { execution } of played)
    records.set(execution.executionId, await readExecution(database, execution.executionId))
  return records
}

type NextCommands = (report: ProvisioningReport) => readonly string[]

/** What to type next, with the flags that lead to the same database. A URL may hold a password, so it is not repeated. */
const nextCommands =
  ({ database, dataDir, schema }: CommonFlags): NextCommands =>
  ({ played }) => {
    const flags = [
      ...(database === undefined ? [] : ['--database URL']),
      ...(dataDir === undefined ? [] : [`--data-dir ${dataDir}`]),
      ...(schema === undefined ? [] : [`--schema ${schema}`]),
    ]
    const failed = played.find(({ execution }) => execution.status !== 'completed') ?? played[0]
    const line = (command: string): string => `  npx steptrail ${[command, ...flags].join(' ')}`
    return [
      'Look closer:',
      ...(failed ? [line(`executions show ${failed.execution.executionId} --events`)] : []),
      line('executions list'),
      line('events --type STEP_FAILED'),
      'Prove it:',
      line('seal'),
      line('verify'),
      ...(failed ? [line(`evidence ${failed.execution.executionId}`)] : []),
    ]
  }
