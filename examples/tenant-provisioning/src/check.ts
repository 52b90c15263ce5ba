import type { Registry } from './registry/registry.ts'
import { type TenantTraces, tracesOf } from './registry/traces.ts'
import type { Played } from './played.ts'

/** Something that was looked up after the executions had ended, and whether it is as it should be. */
export interface Check {
  readonly name: string
  readonly passed: boolean
  /** What was found. */
  readonly found: Readonly<Record<string, number | string>>
}

/** Looks whether the execution ended as the scenario says, and whether its tenant is there in full, or not at all. */
export async function checksOf(
  registry: Registry,
  { scenario, tenant, execution }: Played,
): Promise<readonly Check[]> {
  const traces = await tracesOf(registry, tenant)
  const ended: Check = {
    name: `the execution of ${tenant} ended as ${scenario.expects}`,
    passed: execution.status === scenario.expects,
    found: { status: execution.status },
  }
  return [ended, scenario.expects === 'completed' ? isComplete(tenant, traces) : isGone(tenant, traces)]
}

const complete: TenantTraces = {
  schemas: 1,
  realms: 1,
  clients: 1,
  logins: 1,
  settings: 3,
  roles: 3,
  accounts: 1,
}

const isComplete = (tenant: string, traces: TenantTraces): Check => ({
  name: `${tenant} is there in full`,
  passed: kinds.every((kind) => traces[kind] === complete[kind]),
  found: { ...traces },
})

const isGone = (tenant: string, traces: TenantTraces): Check => ({
  name: `nothing is left of ${tenant}`,
  passed: kinds.every((kind) => traces[kind] === 0),
  found: { ...traces },
})

const kinds = Object.keys(complete) as readonly (keyof TenantTraces)[]
