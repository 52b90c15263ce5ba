import { changeStatus, findWorkflow, type StatusAction } from '@steptrail/catalog'
import type { Command } from 'commander'
import { withCommonOptions, withTrail, writeJson, writeLines } from '../command-scope.ts'
import type { Surroundings } from '../surroundings.ts'
import { printable } from '../terminal/text.ts'
import { type TenantFlags, withTenant } from '../catalog/tenant-option.ts'
import { givenBy, type GivenByFlags, withGivenBy } from './given-by-options.ts'

const descriptions: Readonly<Record<StatusAction, string>> = {
  disable: 'Offer a workflow no more, at any step.',
  enable: 'Offer a version, in place of the one that is offered.',
  deprecate: 'Offer a workflow no more, because there is better.',
}

const examples: Readonly<Record<StatusAction, string>> = {
  disable: 'catalog disable drain-node --actor user:anna --reason "it drained two nodes at once"',
  enable: 'catalog enable drain-node@1.0.0 --actor user:anna --reason "1.1.0 is too slow"',
  deprecate: 'catalog deprecate restart-all --actor user:anna --reason "use rolling-restart"',
}

/** `steptrail catalog disable | enable | deprecate`: whether a workflow is offered. */
export function addCatalogStatus(catalog: Command, surroundings: Surroundings): void {
  for (const action of ['disable', 'enable', 'deprecate'] as const) addOne(catalog, action, surroundings)
}

function addOne(catalog: Command, action: StatusAction, surroundings: Surroundings): void {
  const command = withGivenBy(
    withTenant(
      catalog
        .command(action)
        .description(descriptions[action])
        .argument('<workflow>', 'its name, name@version, or id'),
    ),
  )
  withCommonOptions(command, [[examples[action], 'who and why stay on record']]).action(
    async (workflow: string, flags: TenantFlags & GivenByFlags) => {
      await withTrail(flags, surroundings, async (database) => {
        const { tenant } = flags
        const workflowId = await findWorkflow(database, workflow, tenant)
        const changed = await changeStatus(database, { workflowId, action }, { ...givenBy(flags), tenant })
        if (flags.json) return writeJson(surroundings, changed)
        const instead = changed.superseded.length > 0 ? `, in place of ${changed.superseded.join(', ')}` : ''
        return writeLines(surroundings, [
          printable(`${changed.workflowName} ${changed.version} is ${changed.status}${instead}.`),
        ])
      })
    },
  )
}
