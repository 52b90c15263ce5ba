import { findWorkflow, readCatalog, whyNot } from '@steptrail/catalog'
import type { Command } from 'commander'
import { type ContextFlags, contextOfFlags, saysContext, withContext } from '../catalog/context-options.ts'
import { drawWhyNot } from '../catalog/draw-catalog.ts'
import { terminalFor, withCommonOptions, withTrail, writeJson, writeLines } from '../command-scope.ts'
import type { Surroundings } from '../surroundings.ts'
import { type TenantFlags, withTenant } from '../catalog/tenant-option.ts'

interface Flags extends TenantFlags, ContextFlags {
  readonly remediation?: string
}

/** `steptrail catalog why-not`: what kept a workflow out of a selection, or down. */
export function addCatalogWhyNot(catalog: Command, surroundings: Surroundings): void {
  const command = withContext(
    withTenant(
      catalog
        .command('why-not')
        .description('Tell why a workflow was not selected in a remediation, or would not be in a situation.')
        .argument('<workflow>', 'its name, name@version, or id')
        .option('--remediation <id>', 'in this one, as it was when the agent asked'),
    ),
  )
  withCommonOptions(command, [
    ['catalog why-not scale-staging --remediation rr-2026-02-05-abc123', 'by what is on record'],
    [
      'catalog why-not scale-staging --severity critical --environment production',
      'by the catalogue as it is',
    ],
  ]).action(async (workflow: string, flags: Flags) => {
    const { remediation: remediationId, tenant } = flags
    if ((remediationId === undefined) === !saysContext(flags))
      return command.error('error: give either --remediation, or the situation with --severity and its like')
    return await withTrail(flags, surroundings, async (database) => {
      const workflowId = await findWorkflow(database, workflow, tenant)
      const place = { reader: database, tenant, snapshot: await readCatalog(database, tenant) }
      const about = remediationId === undefined ? { context: contextOfFlags(flags) } : { remediationId }
      const answer = await whyNot(place, { workflowId, ...about })
      if (flags.json) return writeJson(surroundings, answer)
      return writeLines(surroundings, drawWhyNot(answer, terminalFor(surroundings)))
    })
  })
}
