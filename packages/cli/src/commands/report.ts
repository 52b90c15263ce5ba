import { makeReport, type Report, reportPeriods, reports, type SpecialFilter } from '@steptrail/core'
import { operationTypes } from '@steptrail/event'
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
import { drawReport } from '../report/report-table.ts'
import type { Surroundings } from '../surroundings.ts'

interface Flags extends CommonFlags {
  readonly since?: string
  readonly until?: string
  readonly workflow?: string
  readonly tenant?: string
  readonly operation?: (typeof operationTypes)[number]
  readonly execution?: string
  readonly from?: string
  readonly to?: string
  readonly period?: (typeof reportPeriods)[number]
  readonly limit?: number
}

/** `steptrail report`: what the trail tells about workflows, one command for each question. */
export function addReport(program: Command, surroundings: Surroundings): void {
  const report = program.command('report').description('Report how workflows and their steps do.')
  for (const each of reports) addOne(report, each, surroundings)
}

function addOne(parent: Command, report: Report, surroundings: Surroundings): void {
  const { slug, about, windowDays, limit, takes, requires } = report
  const command = parent
    .command(slug)
    .description(about)
    .option(
      '--since <time>',
      `from this time: ISO 8601, or an age such as 24h (default: ${windowDays}d before the end)`,
      instantOf,
    )
    .option('--until <time>', 'before this time (default: now)', instantOf)
    .addOption(
      new Option('--workflow <name>', 'of this workflow').makeOptionMandatory(
        requires.includes('workflowName'),
      ),
    )
    .option('--tenant <name>', 'of this tenant')
  for (const name of takes) command.addOption(specialOption(name, requires.includes(name)))
  command.option('--limit <number>', `at most so many rows (default: ${limit})`, wholeNumber)
  withCommonOptions(command, [
    [exampleOf(report), 'for people'],
    [`${exampleOf(report)} --since 7d --json`, 'of the last week, for programs'],
  ]).action(async (flags: Flags) => {
    await withTrail(flags, surroundings, async (database) => {
      const made = await makeReport(database, slug, requestOf(flags))
      if (flags.json) return writeJson(surroundings, made)
      return writeLines(surroundings, drawReport(made, terminalFor(surroundings)))
    })
  })
}

const requestOf = (flags: Flags) => ({
  since: flags.since,
  until: flags.until,
  workflowName: flags.workflow,
  tenant: flags.tenant,
  operation: flags.operation,
  executionId: flags.execution,
  fromVersion: flags.from,
  toVersion: flags.to,
  period: flags.period,
  limit: flags.limit,
})

function specialOption(name: SpecialFilter, isMandatory: boolean): Option {
  switch (name) {
    case 'operation':
      return new Option('--operation <operation>', 'only DO, or only UNDO').choices(operationTypes)
    case 'executionId':
      return new Option('--execution <id>', 'of this execution').makeOptionMandatory(isMandatory)
    case 'fromVersion':
      return new Option('--from <version>', 'compare this version (default: the last but one)')
    case 'toVersion':
      return new Option('--to <version>', 'with this one (default: the last)')
    case 'period':
      return new Option('--period <period>', 'by this length of time (default: day)').choices(reportPeriods)
  }
}

function exampleOf({ slug, requires }: Report): string {
  const workflow = requires.includes('workflowName') ? ' --workflow tenant-provisioning' : ''
  const execution = requires.includes('executionId')
    ? ' --execution 0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11'
    : ''
  return `report ${slug}${workflow}${execution}`
}
