import { beginMaintenance, endMaintenance, type MaintenanceArea } from '../registry/maintenance.ts'
import { provisionTenant } from '../workflow.ts'
import type { Scenario, Stage } from './scenario.ts'
import { untilStep } from './until-step.ts'

/** The address of the first tenant's administrator, which the third asks for as well. */
const firstTenant = 'acme'
const adminOf = (tenant: string): string => `admin@${tenant}.example`

const straightThrough: Scenario = {
  title: 'straight through',
  story: 'Nothing is in the way.',
  tenant: firstTenant,
  expects: 'completed',
  play: (stage, tenant) => provision(stage, tenant),
}

const afterRetries: Scenario = {
  title: 'succeeds after retries',
  story: 'A backup has locked the client registry; the database refuses new clients until it is released.',
  tenant: 'globex',
  expects: 'completed',
  play: async (stage, tenant) => {
    const area: MaintenanceArea = { area: 'client', realmName: tenant }
    await beginMaintenance(stage.registry, area, 'nightly-backup')
    await stage.note(`nightly-backup locks the client registry of ${tenant}`)
    const executionId = await provision(stage, tenant)
    await untilStep(
      stage,
      executionId,
      ({ name, status, attempt }) =>
        name === 'createClient' && status === 'waiting_for_retry' && attempt === 2,
    )
    await endMaintenance(stage.registry, area)
    await stage.note('nightly-backup has finished and releases the client registry', executionId)
    return executionId
  },
}

const rolledBack: Scenario = {
  title: 'retries exhausted, rolled back',
  story: 'The e-mail address of its administrator belongs to another tenant: a unique constraint holds.',
  tenant: 'initech',
  expects: 'failed',
  play: (stage, tenant) => provision(stage, tenant, adminOf(`${firstTenant}-${stage.number}`)),
}

const workerDies: Scenario = {
  title: 'a worker dies in the middle of a step',
  story:
    'The worker of the roles is killed inside its step. Nobody reports; the lease runs out; another takes over.',
  tenant: 'umbrella',
  expects: 'completed',
  play: async (stage, tenant) => {
    const service = 'role-worker-service'
    const area: MaintenanceArea = { area: 'role', realmName: tenant }
    const doomed = stage.crew.worker(service)
    await beginMaintenance(stage.registry, area, 'role-import')
    await stage.note(`role-import locks the roles of ${tenant}, so that their worker waits inside its step`)
    const executionId = await provision(stage, tenant)
    await untilStep(
      stage,
      executionId,
      ({ name, status, workerUuid }) =>
        name === 'setupDefaultRoles' && status === 'in_progress' && workerUuid === doomed.workerUuid,
    )
    await stage.crew.kill(service)
    await stage.note(
      `the worker of ${service} (${doomed.place}) is killed while it works on setupDefaultRoles`,
      executionId,
    )
    await endMaintenance(stage.registry, area)
    await stage.crew.start()
    await stage.note(
      `another worker of ${service} (${stage.crew.worker(service).place}) is started`,
      executionId,
    )
    return executionId
  },
}

/** In the order in which they are played: the third needs what the first has done. */
export const scenarios: readonly Scenario[] = [straightThrough, afterRetries, rolledBack, workerDies]

async function provision({ saga }: Stage, tenant: string, adminEmail = adminOf(tenant)): Promise<string> {
  const { executionId } = await saga.start(
    provisionTenant,
    { tenant, plan: 'pro', adminEmail },
    {
      idempotencyKey: `provision ${tenant}`,
      correlationId: `order-${tenant}`,
      actor: { type: 'user', id: 'demo' },
    },
  )
  return executionId
}
