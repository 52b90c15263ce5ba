import type { Database } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { type Check, checksOf } from './check.ts'
import type { Played } from './played.ts'
import { createRegistry } from './registry/create-registry.ts'
import { DatabaseRegistry } from './registry/database-registry.ts'
import type { Registry } from './registry/registry.ts'
import type { Scenario, Stage } from './scenarios/scenario.ts'
import { scenarios } from './scenarios/scenarios.ts'
import { Crew } from './workers/crew.ts'
import type { Workplace } from './workers/worker-of.ts'

/** What the demonstration runs on. */
export interface ProvisioningOptions {
  /** Migrated. */
  readonly database: Database
  /** Its URL, for the workers' own processes; absent for the embedded database, whose workers are threads. */
  readonly url?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Told of what happens, as it happens; the next scenario waits for what it returns. */
  readonly onProgress?: ((progress: Progress) => Promise<void> | void) | undefined
}

/** What happens outside the workflow. What happens inside is in the trail. */
export type Progress =
  | { readonly kind: 'workers'; readonly text: string }
  | { readonly kind: 'scenario'; readonly scenario: Scenario; readonly tenant: string }
  /** Something from outside, in a sentence, that happened to this execution, or before it was started. */
  | { readonly kind: 'note'; readonly text: string; readonly executionId: string | null }
  | { readonly kind: 'ended'; readonly executionId: string }

/** What came of it all. */
export interface ProvisioningReport {
  readonly played: readonly Played[]
  readonly checks: readonly Check[]
}

/**
 * Provisions tenants by real workflows, one after the other: one goes straight through, one succeeds after
 * retries, one is rolled back, one loses a worker. Then looks what is there. Each run makes tenants of its own.
 */
export async function provisionTenants(options: ProvisioningOptions): Promise<ProvisioningReport> {
  const { database, signal = new AbortController().signal, onProgress = () => undefined } = options
  const registry = new DatabaseRegistry(database)
  await createRegistry(registry)
  await using saga = await createSaga(database, { serviceName: 'provisioning' })
  await using crew = crewOf(options, { dispatch: saga.dispatch, registry })
  await crew.start()
  await onProgress({ kind: 'workers', text: options.url === undefined ? 'a thread each' : 'a process each' })
  const number = await nextNumber(registry)
  const note: Stage['note'] = async (text, executionId) =>
    onProgress({ kind: 'note', text, executionId: executionId ?? null })
  const stage: Stage = { database, saga, registry, crew, number, signal, note }
  const played: Played[] = []
  for (const scenario of scenarios) {
    const tenant = `${scenario.tenant}-${number}`
    await onProgress({ kind: 'scenario', scenario, tenant })
    const executionId = await scenario.play(stage, tenant)
    const execution = await saga.waitForEnd(executionId, signal)
    await onProgress({ kind: 'ended', executionId })
    played.push({ scenario, tenant, execution })
  }
  const checks: Check[] = []
  for (const one of played) checks.push(...(await checksOf(registry, one)))
  return { played, checks }
}

function crewOf({ url, database }: ProvisioningOptions, workplace: Workplace): Crew {
  if (url === undefined) return new Crew({ kind: 'threads', workplace })
  return new Crew({ kind: 'processes', address: { url, schema: database.schema } })
}

async function nextNumber(registry: Registry): Promise<number> {
  const [row] = await registry.run<{ number: number }>([
    { text: "select nextval('provisioning.tenant_number') as number" },
  ])
  if (!row) throw new Error('the sequence gave no number')
  return row.number
}
