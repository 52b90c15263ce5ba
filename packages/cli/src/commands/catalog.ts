import { applyDirectory, findWorkflow, getEntry, listCatalog, replaySelection } from '@steptrail/catalog'
import { type CatalogStatus, catalogStatuses } from '@steptrail/workflow'
import type { Actor } from '@steptrail/event'
import { type Command, Option } from 'commander'
import { type TenantFlags, withTenant } from '../catalog/tenant-option.ts'
import { drawApplied, drawEntry, drawList, drawReplay } from '../catalog/draw-catalog.ts'
import {
  terminalFor,
  withCommonOptions,
  withExamples,
  withTrail,
  writeJson,
  writeLines,
} from '../command-scope.ts'
import { operatorOf } from '../operator.ts'
import { actorOf, wholeNumber } from '../option-values.ts'
import type { Surroundings } from '../surroundings.ts'
import { addCatalogStatus } from './catalog-status.ts'
import { addCatalogWhyNot } from './catalog-why-not.ts'

/** `steptrail catalog`: which workflows are on offer, which was chosen, and why. */
export function addCatalog(program: Command, surroundings: Surroundings): void {
  const catalog = program
    .command('catalog')
    .description('Register workflows on offer, and tell which was chosen and why.')
  addApply(catalog, surroundings)
  addList(catalog, surroundings)
  addShow(catalog, surroundings)
  addCatalogWhyNot(catalog, surroundings)
  addReplay(catalog, surroundings)
  addCatalogStatus(catalog, surroundings)
  withExamples(catalog, [
    ['catalog apply ./catalog', 'register what YAML files hold'],
    ['catalog list', 'what is there, and how it went'],
    ['catalog why-not restart-pod --remediation rr-2026-02-05-abc123', 'why was mine not selected?'],
    ['catalog replay rr-2026-02-05-abc123', 'what happened in this incident?'],
  ])
}

interface ApplyFlags extends TenantFlags {
  readonly actor?: Actor
  readonly reason?: string
}

function addApply(catalog: Command, surroundings: Surroundings): void {
  const command = withTenant(
    catalog
      .command('apply')
      .description('Register the action types and workflows of YAML files: all of them or none.')
      .argument('<path>', 'a directory of .yaml files, or one of them')
      .addOption(
        new Option('--actor <type:id>', 'who registers (default: user:<login name>)').argParser(actorOf),
      )
      .option('--reason <text>', 'why, for those who read it later'),
  )
  withCommonOptions(command, [
    ['catalog apply ./catalog', 'register what is new; what is registered already stays'],
  ]).action(async (path: string, flags: ApplyFlags) => {
    await withTrail(flags, surroundings, async (database) => {
      const { actor = operatorOf(surroundings), reason, tenant } = flags
      const applied = await applyDirectory(database, path, { actor, reason, tenant })
      if (flags.json) return writeJson(surroundings, applied)
      return writeLines(surroundings, drawApplied(applied))
    })
  })
}

interface ListFlags extends TenantFlags {
  readonly action?: string
  readonly status?: CatalogStatus
  readonly limit: number
  readonly cursor?: string
}

function addList(catalog: Command, surroundings: Surroundings): void {
  const command = withTenant(
    catalog
      .command('list')
      .description('List workflows of the catalogue, offered or not, with how their executions went.')
      .option('--action <type>', 'of this action type')
      .addOption(new Option('--status <status>', 'of this status').choices(catalogStatuses))
      .option('--limit <number>', 'at most so many', wholeNumber, 100)
      .option('--cursor <cursor>', 'go on after this cursor'),
  )
  withCommonOptions(command, [
    ['catalog list', 'all of them'],
    ['catalog list --action RestartPod --status active', 'what may be chosen'],
  ]).action(async (flags: ListFlags) => {
    await withTrail(flags, surroundings, async (database) => {
      const { action: actionType, status, limit, cursor, tenant } = flags
      const request = { actionType, status, limit, cursor }
      const { items, nextCursor } = await listCatalog(database, tenant, request)
      if (flags.json) return writeJson(surroundings, { workflows: items, nextCursor })
      if (items.length === 0)
        return writeLines(surroundings, [
          'Nothing matches. `steptrail catalog apply DIR` registers workflows.',
        ])
      writeLines(surroundings, drawList(items, terminalFor(surroundings)))
      if (nextCursor !== null) writeLines(surroundings, ['', `There are more: --cursor ${nextCursor}`])
    })
  })
}

function addShow(catalog: Command, surroundings: Surroundings): void {
  const command = withTenant(
    catalog
      .command('show')
      .description('Show a workflow of the catalogue with its labels, versions and executions.')
      .argument('<workflow>', 'its name, name@version, or id'),
  )
  withCommonOptions(command, [['catalog show restart-pod@1.0.0', 'one version']]).action(
    async (workflow: string, flags: TenantFlags) => {
      await withTrail(flags, surroundings, async (database) => {
        const id = await findWorkflow(database, workflow, flags.tenant)
        const entry = await getEntry(database, id, flags.tenant)
        if (flags.json) return writeJson(surroundings, entry)
        return writeLines(surroundings, drawEntry(entry, terminalFor(surroundings)))
      })
    },
  )
}

function addReplay(catalog: Command, surroundings: Surroundings): void {
  const command = withTenant(
    catalog
      .command('replay')
      .description(
        'Tell a selection as a story: asked, offered, looked at, chosen, validated, executed, outcome.',
      )
      .argument('<remediation-id>', 'the id that its calls have in common'),
  )
  withCommonOptions(command, [
    ['catalog replay rr-2026-02-05-abc123', 'from the signal to what came of it'],
  ]).action(async (remediationId: string, flags: TenantFlags) => {
    await withTrail(flags, surroundings, async (database) => {
      const replay = await replaySelection(database, remediationId, flags.tenant)
      if (flags.json) return writeJson(surroundings, replay)
      return writeLines(surroundings, drawReplay(replay, terminalFor(surroundings)))
    })
  })
}
