import {
  defaultKeepDays,
  listRetentionPolicies,
  listRetentionRuns,
  planRetention,
  type PlannedMonth,
  removeRetentionPolicy,
  type RetentionMatch,
  type RetentionPolicy,
  runRetention,
  setRetentionPolicy,
} from '@steptrail/core'
import type { Actor } from '@steptrail/event'
import { entityTypes } from '@steptrail/event'
import { requireSealed } from '@steptrail/log'
import { type Command, Option } from 'commander'
import {
  type CommonFlags,
  terminalFor,
  withCommonOptions,
  withTrail,
  writeJson,
  writeLines,
} from '../command-scope.ts'
import { actorOf, wholeNumber } from '../option-values.ts'
import { withProgress } from '../progress.ts'
import { archiveIn } from '../retention-settings.ts'
import type { Surroundings } from '../surroundings.ts'
import { drawTable } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { givenBy, type GivenByFlags, withGivenBy } from './given-by-options.ts'

/** `steptrail retention`: what is kept for how long, and what goes. */
export function addRetention(program: Command, surroundings: Surroundings): void {
  const retention = program
    .command('retention')
    .description('Let go of what is old, and say for how long what is kept.')
  addPlan(retention, surroundings)
  addRun(retention, surroundings)
  addRuns(retention, surroundings)
  addPolicies(retention, surroundings)
  addKeep(retention, surroundings)
  addUnset(retention, surroundings)
}

function addPlan(retention: Command, surroundings: Surroundings): void {
  const command = retention.command('plan').description('Show what would go now. Nothing is changed.')
  withCommonOptions(command, [['retention plan', 'a dry run']]).action((flags: CommonFlags) =>
    showPlan(flags, surroundings),
  )
}

async function showPlan(flags: CommonFlags, surroundings: Surroundings): Promise<void> {
  await withTrail(flags, surroundings, async (database) => {
    const plan = await planRetention(database)
    if (flags.json) return writeJson(surroundings, plan)
    return writeLines(surroundings, drawn(plan, 'would go', terminalFor(surroundings)))
  })
}

interface RunFlags extends CommonFlags {
  readonly archiveDir?: string
  readonly withoutArchive?: boolean
  readonly dryRun?: boolean
  readonly actor: Actor
}

function addRun(retention: Command, surroundings: Surroundings): void {
  const command = retention
    .command('run')
    .description('Archive what has come to its end, read the archive back, and let go of it.')
    .option(
      '--archive-dir <directory>',
      'archive to Parquet files in this directory (default: $STEPTRAIL_ARCHIVE_DIR)',
    )
    .addOption(
      new Option(
        '--without-archive',
        'let go of it for good; execution audits stay in their archive table',
      ).conflicts('archiveDir'),
    )
    .addOption(
      new Option('--actor <type:id>', 'who runs it')
        .argParser(actorOf)
        .default({ type: 'system', id: 'retention' } as const, 'system:retention'),
    )
    .option('--dry-run', 'show what would go, and change nothing: the same as retention plan')
  withCommonOptions(command, [
    ['retention run --archive-dir /srv/steptrail/archive', 'what a daily job runs'],
  ]).action(async (flags: RunFlags) => {
    if (flags.dryRun) return await showPlan(flags, surroundings)
    const directory = flags.archiveDir ?? (surroundings.env['STEPTRAIL_ARCHIVE_DIR'] || undefined)
    if (directory === undefined && !flags.withoutArchive)
      return command.error(
        'error: say where to archive with --archive-dir, or that nothing is archived with --without-archive',
      )
    const archive = archiveIn(flags.withoutArchive || directory === 'none' ? null : (directory ?? null))
    return await withTrail(flags, surroundings, async (database) => {
      const { signal } = surroundings
      const result = await withProgress('Archiving', surroundings, () =>
        runRetention(database, {
          by: flags.actor,
          archive,
          signal,
          ensureSealed: requireSealed(database),
        }),
      )
      if (flags.json) return writeJson(surroundings, result)
      return writeLines(surroundings, [
        ...drawn(result, 'went', terminalFor(surroundings)),
        ...result.unfreed.map(({ table, reason }) => `${table} is gone, and its files are not: ${reason}`),
      ])
    })
  })
}

function addRuns(retention: Command, surroundings: Surroundings): void {
  const command = retention
    .command('runs')
    .description('Show the last runs.')
    .option('--limit <number>', 'at most so many', wholeNumber, 20)
  withCommonOptions(command, [['retention runs', 'when it ran, and what came of it']]).action(
    async (flags: CommonFlags & { readonly limit: number }) => {
      await withTrail(flags, surroundings, async (database) => {
        const runs = await listRetentionRuns(database, flags.limit)
        if (flags.json) return writeJson(surroundings, { runs })
        if (runs.length === 0) return writeLines(surroundings, ['Retention has not run yet.'])
        const rows = runs.map(({ runId, status, startedAt, by, error }) => [
          { text: runId },
          { text: status },
          { text: startedAt.slice(0, 19).replace('T', ' ') },
          { text: `${by.type}:${by.id}` },
          { text: error ?? '' },
        ])
        const columns = [
          { title: 'run' },
          { title: 'status' },
          { title: 'started (UTC)' },
          { title: 'by' },
          { title: 'error', gives: 1, least: 20 },
        ]
        return writeLines(surroundings, drawTable(columns, rows, terminalFor(surroundings)))
      })
    },
  )
}

interface MatchFlags extends CommonFlags, GivenByFlags {
  readonly workflow?: string
  readonly tenant?: string
  readonly entityType?: (typeof entityTypes)[number]
  readonly eventType?: string
}

const withMatch = (command: Command): Command =>
  withGivenBy(
    command
      .option('--workflow <name>', 'what is of this workflow')
      .option('--tenant <name>', 'what is of this tenant')
      .addOption(
        new Option('--entity-type <type>', 'events of this kind that belong to no execution').choices(
          entityTypes,
        ),
      )
      .option('--event-type <type>', 'events of this type that belong to no execution'),
  )

const matchOf = ({ workflow, tenant, entityType, eventType }: MatchFlags): RetentionMatch => ({
  workflow,
  tenant,
  entityType,
  eventType,
})

function addPolicies(retention: Command, surroundings: Surroundings): void {
  const command = retention.command('policies').description('Show for how long what is kept.')
  withCommonOptions(command, [['retention policies', 'the longest that matches holds']]).action(
    async (flags: CommonFlags) => {
      await withTrail(flags, surroundings, async (database) => {
        const policies = await listRetentionPolicies(database)
        if (flags.json) return writeJson(surroundings, { policies, defaultKeepDays })
        return writeLines(surroundings, [
          ...policies.map(sentenceOf),
          `What no policy matches is kept for ${defaultKeepDays} days.`,
        ])
      })
    },
  )
}

const sentenceOf = ({ match, keepDays }: RetentionPolicy): string => {
  const what = Object.entries(match).map(([name, value]) => `${name} ${value}`)
  return `${what.length > 0 ? what.join(', ') : 'everything'}: ${keepDays} days`
}

function addKeep(retention: Command, surroundings: Surroundings): void {
  const command = withMatch(
    retention
      .command('keep')
      .description('Say for how long what matches is kept; without a match, everything.')
      .argument('<days>', 'days, 1 to 36500', wholeNumber),
  )
  withCommonOptions(command, [
    [
      'retention keep 365 --workflow payroll --actor user:anna --reason "the tax office"',
      'a year of payrolls',
    ],
  ]).action(async (keepDays: number, flags: MatchFlags) => {
    await withTrail(flags, surroundings, async (database) => {
      const policy = { match: matchOf(flags), keepDays }
      await setRetentionPolicy(database, policy, givenBy(flags))
      if (flags.json) return writeJson(surroundings, policy)
      return writeLines(surroundings, ['It holds from the next run on.'])
    })
  })
}

function addUnset(retention: Command, surroundings: Surroundings): void {
  const command = withMatch(
    retention.command('unset').description('Remove the policy for exactly this match.'),
  )
  withCommonOptions(command, [
    [
      'retention unset --workflow payroll --actor user:anna --reason "no longer required"',
      'as if it had not been set',
    ],
  ]).action(async (flags: MatchFlags) => {
    await withTrail(flags, surroundings, async (database) => {
      const removed = await removeRetentionPolicy(database, matchOf(flags), givenBy(flags))
      if (flags.json) return writeJson(surroundings, { removed })
      return writeLines(surroundings, [removed ? 'Removed.' : 'There is no policy for exactly this.'])
    })
  })
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

interface Counted {
  readonly executionCount: number
  readonly months: readonly PlannedMonth[]
}

function drawn({ executionCount, months }: Counted, went: string, terminal: Terminal): readonly string[] {
  if (months.length === 0) return ['Nothing has come to its end.']
  return [
    ...drawTable(
      [
        { title: 'table' },
        { title: 'month' },
        { title: went, align: 'right' },
        { title: 'kept', align: 'right' },
      ],
      months.map(({ table, month, dropCount, keepCount }) => [
        { text: table },
        { text: month },
        { text: whole.format(dropCount) },
        { text: whole.format(keepCount) },
      ]),
      terminal,
    ),
    '',
    `Executions that ${went}: ${whole.format(executionCount)}`,
  ]
}
